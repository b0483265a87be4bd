package harness

import "time"

// visibility is how long after its acknowledgement a record may still be missing from an answer that claims to reach the tip.
func (r *run) visibility() time.Duration { return 0 }
