package survey

import "fmt"

// WriteContent says what the load is made of.
func (l *Load) WriteContent(sheet *Sheet) {
	kinds := make([]string, 0, len(l.Kinds))
	for _, kind := range l.Kinds {
		kinds = append(kinds, fmt.Sprintf("%-20s %s", orNone(Printable(kind.Kind)), l.share(kind.Records)))
	}
	sheet.List("kinds", "kinds", topKeys, kinds)
	if l.OtherKinds > 0 {
		sheet.Row("", "%s of kinds beyond the first %s", Plural(l.OtherKinds, "record"), Thousands(maxKinds))
	}
	keys := make([]string, 0, len(l.Keys))
	for _, key := range l.Keys {
		about := ""
		if key.Over > 0 {
			about = fmt.Sprintf(", at most %s too many", Thousands(key.Over))
		}
		keys = append(keys, fmt.Sprintf("%-20s %s%s", Printable(key.Key), l.share(key.Records), about))
	}
	sheet.List("partition keys", "", topKeys, keys)
	if l.Unreadable > 0 {
		as := ""
		if l.UnreadableAs != "" {
			as = ", as " + Printable(l.UnreadableAs)
		}
		sheet.Row("unreadable", "%s that the aggregator cannot use%s", Plural(l.Unreadable, "record"), as)
	}
}

// WritePeaks says what the load brings to the stream and its busiest shard in a second, and which limits that breaks. It is for a load
// with a schedule.
func (l *Load) WritePeaks(sheet *Sheet) {
	sheet.Row("peak", "%s records in a second (at %s), %s (at %s)",
		Thousands(l.Peak.Records), l.Peak.RecordsAt, Size(l.Peak.Bytes), l.Peak.BytesAt)
	hottest := 0
	for i := range l.Shards {
		if l.Shards[i].Records > l.Shards[hottest].Records {
			hottest = i
		}
	}
	p := &l.Shards[hottest]
	sheet.Row("hottest shard", "%d of %d: %s, %s in a second (at %s), %s (at %s)",
		hottest, len(l.Shards), Plural(p.Total, "record"), Thousands(p.Records), p.RecordsAt, Size(p.Bytes), p.BytesAt)
	for _, b := range l.Breaches {
		sheet.Row("over the limit", "%s %s allowed; %s in %s, the worst gets %s (shard %d, at %s)",
			Thousands(b.Allowed), b.Limit, Plural(int64(b.Shards), "shard"), Plural(b.Seconds, "second"), Thousands(b.Worst), b.Shard, b.At)
	}
	if len(l.Breaches) == 0 {
		sheet.Row("limits", "kept")
	}
}

func (l *Load) share(records int64) string {
	return fmt.Sprintf("%s (%.1f %%)", Thousands(records), 100*float64(records)/float64(max(l.Records, 1)))
}

func orNone(kind string) string {
	if kind == "" {
		return "(none)"
	}
	return kind
}

// Plural is n and the noun, in the plural unless n is 1.
func Plural(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Thousands(n) + " " + noun
}

// Thousands is n with a comma between each three digits; n is not negative.
func Thousands(n int64) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// Size is a number of bytes in the largest binary unit that it reaches.
func Size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d B", bytes)
}
