package dynamodb

import (
	"context"
	"slices"
	"time"
)

// ListTables names the tables in the order of their names, in pages.

const listTablesMost = 100 // names a page (API reference, ListTables, Limit)

type listTablesInput struct {
	ExclusiveStartTableName string
	Limit                   *int64
}

type listTablesOutput struct {
	TableNames             []string
	LastEvaluatedTableName string `json:",omitempty"`
}

func (s *Service) listTables(_ context.Context, in *listTablesInput) (*listTablesOutput, error) {
	limit := listTablesMost
	if in.Limit != nil {
		if *in.Limit < 1 {
			return nil, atLeastOne("limit", *in.Limit)
		}
		if *in.Limit > listTablesMost {
			return nil, atMost("limit", *in.Limit, listTablesMost)
		}
		limit = int(*in.Limit)
	}
	names := s.namesAfter(in.ExclusiveStartTableName)
	if len(names) <= limit {
		return &listTablesOutput{TableNames: names}, nil
	}
	return &listTablesOutput{TableNames: names[:limit], LastEvaluatedTableName: names[limit-1]}, nil
}

func (s *Service) namesAfter(start string) []string {
	now := time.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := []string{}
	for name, t := range s.tables {
		if name > start && !t.gone(now) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
