package window

// Resume sets the minimum to what it was in another's state. It rises from there, as the times do.
func (m *Minimum) Resume(least int64) { m.least = least }
