package record

import "context"

// Receiver takes the pages of one shard from the one who reads it. Its methods are called one at a time.
type Receiver interface {
	// Room waits until there is room for one more page. A reader that polls asks for it before each call, so that no more is read than there is room for. Then it
	// calls Take with the page, or Spare where none came. A reader that is pushed to, and cannot choose when, calls Take alone.
	Room(ctx context.Context) error
	// Spare gives back the room that Room found.
	Spare()
	// Take takes a page. It may block; that is back-pressure.
	Take(ctx context.Context, page Page) error
}

// ReceiverFunc is a [Receiver] that has room for each page: its Take.
type ReceiverFunc func(ctx context.Context, page Page) error

// Room finds room at once.
func (ReceiverFunc) Room(ctx context.Context) error { return ctx.Err() }

// Spare does nothing.
func (ReceiverFunc) Spare() {}

// Take calls the function.
func (f ReceiverFunc) Take(ctx context.Context, page Page) error { return f(ctx, page) }
