package simulator

// appear has rows that fired come into the backlog of the output and of each route; in a direct pipeline, into that of the table.
func (m *measures) appear(ids []int32) {
	w := m.world
	if w.direct != nil {
		m.writing(ids)
		return
	}
	var g group
	routes := uint16(len(w.mappings))
	for _, id := range ids {
		r := &w.rows[id]
		r.unread, r.unhandled = routes, routes
		g.add(m.outlets.bytes[r.key], noDue, 0)
	}
	m.output.appear(&g, ids, outWriter)
	for _, mapping := range w.mappings {
		mapping.backlog.appear(&g, ids, outWriter)
	}
}

// appear has rows come whose ids are new, and puts them where they are.
func (c *crowd) appear(g *group, ids []int32, in stage) {
	c.grow(ids, in)
	c.come(g)
}

// grow has the crowd know of ids.
func (c *crowd) grow(ids []int32, in stage) {
	for _, id := range ids {
		for len(c.in) <= int(id) {
			c.in = append(c.in, ahead)
		}
		c.in[id] = in
	}
}

// stored has rows go from the writer of the output to its stream.
func (m *measures) stored(items []item) {
	var g group
	now := m.world.clock.now
	for i := range items {
		id := items[i].id
		m.output.in[id] = outStream
		for _, mapping := range m.world.mappings {
			mapping.backlog.in[id] = outStream
		}
		g.add(items[i].size, m.world.rows[id].trigger, now)
	}
	m.output.move(&g, outWriter, outStream)
	for _, mapping := range m.world.mappings {
		mapping.backlog.move(&g, outWriter, outStream)
	}
}

// read has rows go from the stream to the functions of the route. They leave the stream for all once every route has read them.
func (m *mapping) read(items []item) {
	var own, all group
	now, w := m.world.clock.now, m.world
	for i := range items {
		id := items[i].id
		r := &w.rows[id]
		m.backlog.in[id] = outFunction
		own.add(items[i].size, r.trigger, now)
		if r.unread--; r.unread == 0 {
			w.measures.output.in[id] = outFunction
			all.add(items[i].size, r.trigger, now)
		}
	}
	m.backlog.move(&own, outStream, outFunction)
	w.measures.output.move(&all, outStream, outFunction)
}

// done has rows leave that the route's filters did not let through, or that it has handled.
func (m *mapping) done(ids []int32) {
	if len(ids) == 0 {
		return
	}
	var own, all group
	now, w := m.world.clock.now, m.world
	for _, id := range ids {
		r := &w.rows[id]
		bytes := w.measures.outlets.bytes[r.key]
		m.backlog.in[id] = gone
		own.add(bytes, r.trigger, now)
		if r.unhandled--; r.unhandled > 0 {
			continue
		}
		all.add(bytes, r.trigger, now)
		w.measures.output.in[id] = gone
	}
	m.backlog.leave(&own, outFunction)
	w.measures.output.leave(&all, outFunction)
}

// writing has rows come into the backlog of the table. One that another route is writing is there already.
func (m *measures) writing(ids []int32) {
	var g group
	m.table.grow(ids, inTable)
	for _, id := range ids {
		r := &m.world.rows[id]
		if r.writes++; r.writes == 1 {
			g.add(m.world.table.bytes[r.key], noDue, 0)
		}
	}
	m.table.come(&g)
}

// acknowledged has rows leave the backlog of the table, once nobody is writing them any more.
func (m *measures) acknowledged(ids []int32) {
	var g group
	for _, id := range ids {
		r := &m.world.rows[id]
		if r.writes--; r.writes == 0 {
			g.add(m.world.table.bytes[r.key], r.trigger, m.world.clock.now)
			m.table.in[id] = gone
		}
	}
	m.table.leave(&g, inTable)
}
