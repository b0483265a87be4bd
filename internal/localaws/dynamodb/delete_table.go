package dynamodb

import (
	"context"
	"time"
)

// DeleteTable deletes a table and its items. The table is DELETING for the configured delay, then gone. A table that is
// CREATING cannot be deleted.

type deleteTableInput struct{ TableName string }

type deleteTableOutput struct{ TableDescription *tableDescription }

func (s *Service) deleteTable(_ context.Context, in *deleteTableInput) (*deleteTableOutput, error) {
	t, err := s.existing(in.TableName)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	name := t.description.TableName
	switch {
	case t.status(now) == "CREATING":
		return nil, inUse("Attempt to change a resource which is still in use: Table is being created: " + name)
	case t.status(now) == "UPDATING":
		return nil, inUse("Attempt to change a resource which is still in use: Table is being updated: " + name)
	case t.description.DeletionProtectionEnabled:
		return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	case t.status(now) == "DELETING":
		return nil, inUse("Attempt to change a resource which is still in use: Table is being deleted: " + name)
	}
	t.deleted = now.Add(s.config.TableDelay)
	t.clear()
	return &deleteTableOutput{t.describe(now)}, nil
}
