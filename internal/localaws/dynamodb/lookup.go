package dynamodb

import (
	"strings"
	"time"
)

// table is the table that an operation on items names, by its name or its ARN. It has to be active, or to be changed just now.
func (s *Service) table(given string) (*table, error) {
	name, err := tableName(given)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables[name]
	if t == nil || !t.is(given) || now.Before(t.active) || !t.deleted.IsZero() {
		return nil, notFound("Requested resource not found")
	}
	return t, nil
}

// existing is a table in any state that an operation on tables names.
func (s *Service) existing(given string) (*table, error) {
	name, err := tableName(given)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables[name]
	if t == nil || !t.is(given) || t.gone(now) {
		return nil, notFound("Requested resource not found: Table: " + name + " not found")
	}
	return t, nil
}

// is says that a name, or an ARN, is the table's: an ARN of another account or region names another table.
func (t *table) is(given string) bool {
	return !strings.HasPrefix(given, "arn:") || given == t.description.TableArn
}

// tableName checks the name of a table, which the API takes as an ARN as well.
func tableName(name string) (string, error) {
	if strings.HasPrefix(name, "arn:") {
		if _, after, ok := strings.Cut(name, ":table/"); ok {
			name = after
		}
	}
	if name == "" {
		return "", invalid("1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null")
	}
	if len(name) < 3 || len(name) > 255 || hasOther(name) {
		return "", invalid("Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'")
	}
	return name, nil
}

const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."

func hasOther(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return !strings.ContainsRune(nameCharacters, r) })
}
