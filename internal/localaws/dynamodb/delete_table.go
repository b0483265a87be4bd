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
	if t.description.DeletionProtectionEnabled && !now.Before(t.active) && !now.Before(t.settled) {
		return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	if err := t.busy(now); err != nil {
		return nil, err
	}
	t.deleted = now.Add(s.config.TableDelay)
	t.clear()
	return &deleteTableOutput{t.describe(now)}, nil
}
