package localaws

import "time"

// Latency is what network and service add. Each draws a time, for whichever goroutine asks; nil adds nothing.
type Latency struct {
	// Put passes before PutRecord and PutRecords are carried out, and Get before GetRecords.
	Put, Get func() time.Duration
	// Propagation passes from when a record is stored until it can be read, by GetRecords, and FanOut by SubscribeToShard.
	Propagation, FanOut func() time.Duration
	// Table passes before a call on a table's items is carried out.
	Table func() time.Duration
}

// onTop adds the latency of a call to what a hook says of it.
func (l Latency) onTop(fault Fault) Fault {
	if l.Put == nil && l.Get == nil && l.Table == nil {
		return fault
	}
	return func(call Call) (action Action) {
		if fault != nil {
			action = fault(call)
		}
		if draw := l.of(call); draw != nil {
			action.Delay += draw()
		}
		return action
	}
}

func (l Latency) of(call Call) func() time.Duration {
	switch call.Operation {
	case "PutRecord", "PutRecords":
		return l.Put
	case "GetRecords":
		return l.Get
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem", "Query", "Scan":
		return l.Table
	}
	return nil
}
