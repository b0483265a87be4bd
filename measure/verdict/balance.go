package verdict

import "fmt"

// imbalance lists the books that do not add up in a run that came to its end. Then a count is wrong, the pipeline's or weir's own,
// and the run proves nothing.
func imbalance(f *Facts) []string {
	if f.Usage != "" || f.Err != "" || f.DrainTimedOut || (f.Interrupted && f.Rows == nil) {
		return nil
	}
	r := &f.Records
	var reasons []string
	if sum := r.Acked + r.Failed + r.Unknown + r.Unsent; sum != r.Offered {
		reasons = append(reasons, fmt.Sprintf("the books do not balance: %d offered, and acked + failed + unknown + unsent is %d", r.Offered, sum))
	}
	if stored, seen := r.Acked+r.Found+r.Duplicated+r.Phantom, r.Read+r.Unread+r.Lost; stored != seen {
		reasons = append(reasons, fmt.Sprintf("the books do not balance: %d stored, and read + unread + lost is %d", stored, seen))
	}
	if sum := r.Counted + r.Late + r.Unreadable; f.EngineCounts && sum != r.Read {
		reasons = append(reasons, fmt.Sprintf("the books do not balance: %d read, and counted + late + unreadable is %d", r.Read, sum))
	}
	return reasons
}
