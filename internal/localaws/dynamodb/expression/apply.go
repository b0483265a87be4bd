package expression

import (
	"maps"
	"slices"

	"weir/internal/localaws/dynamodb/attribute"
)

// Apply gives the item as the update leaves it; the one that is given stays as it is. Values are taken from the item as it
// was; then places are assigned, in a list from the first index on, so that what lies past its end is appended in order;
// then places are removed, in a list from the last index on, so that no removal moves another one.
func (u *Update) Apply(item attribute.Map) (attribute.Map, error) {
	if u == nil {
		return item, nil
	}
	values := make([]attribute.Value, len(u.assignments))
	for i, a := range u.assignments {
		v, err := a.from.from(item)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	var updated attribute.Value = item
	var err error
	removals := slices.Clone(u.removals)
	for i, a := range u.assignments {
		if values[i] == nil {
			removals = append(removals, a.path)
			continue
		}
		if updated, err = assign(updated, a.path, values[i]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(removals, lastFirst)
	for _, path := range removals {
		if updated, err = without(updated, path); err != nil {
			return nil, err
		}
	}
	return updated.(attribute.Map), nil
}

func (u *Update) order() {
	slices.SortStableFunc(u.assignments, func(a, b assignment) int { return comparePaths(a.path, b.path) })
}

func lastFirst(a, b Path) int { return comparePaths(b, a) }

// assign gives a copy of the container in which the path leads to v. Only the last step of the path may be new.
func assign(container attribute.Value, path Path, v attribute.Value) (attribute.Value, error) {
	if len(path) == 0 {
		return v, nil
	}
	step := path[0]
	child := step.in(container)
	if child == nil && len(path) > 1 {
		return nil, errUpdatePath
	}
	child, err := assign(child, path[1:], v)
	if err != nil {
		return nil, err
	}
	switch c := container.(type) {
	case attribute.Map:
		if step.index == notIndex {
			copied := maps.Clone(c)
			copied[step.name] = child
			return copied, nil
		}
	case attribute.List:
		switch {
		case step.index == notIndex:
		case step.index >= len(c):
			return append(slices.Clip(c), child), nil
		default:
			copied := slices.Clone(c)
			copied[step.index] = child
			return copied, nil
		}
	}
	return nil, errUpdatePath
}

// without gives a copy of the container in which the path leads to nothing. It may have led to nothing before, but for its
// last step only.
func without(container attribute.Value, path Path) (attribute.Value, error) {
	step, last := path[0], len(path) == 1
	child := step.in(container)
	if child == nil && !last {
		return nil, errUpdatePath
	}
	if !last {
		left, err := without(child, path[1:])
		if err != nil {
			return nil, err
		}
		return assign(container, path[:1], left)
	}
	switch c := container.(type) {
	case attribute.Map:
		if step.index == notIndex {
			copied := maps.Clone(c)
			delete(copied, step.name)
			return copied, nil
		}
	case attribute.List:
		if step.index != notIndex {
			if step.index >= len(c) {
				return c, nil
			}
			return slices.Delete(slices.Clone(c), step.index, step.index+1), nil
		}
	}
	return nil, errUpdatePath
}
