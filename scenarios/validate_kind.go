package scenarios

import "strings"

func (k *Kind) validate(p *problems, path string, largest Size) {
	if k.Weight < 0 {
		p.add(join(path, "weight"), "%s is below zero", k.Weight)
	}
	k.Keys.validate(p, join(path, "keys"))
	if k.Size != nil {
		k.Size.validate(p, join(path, "size"))
		validateLargest(p, join(path, "size"), k.Size, largest)
	}
	if k.Value != nil {
		k.Value.validate(p, join(path, "value"))
	} else if k.Decimals != nil {
		p.add(join(path, "decimals"), "is of a value, and there is none")
	}
	if k.Delay != nil {
		somePercent(p, join(path, "delay.share"), k.Delay.Share)
		k.Delay.validate(p, join(path, "delay"))
	}
	if k.Template != "" && k.Samples != "" {
		p.add(join(path, "samples"), "stands beside template, and a kind has one payload")
	}
}

// validateLargest checks the sizes that are stated, so that the message is in their unit. Drawn ones are cut to what fits.
func validateLargest(p *problems, path string, d *Distribution[Size], most Size) {
	if d.Fixed != nil && *d.Fixed > most {
		p.add(path, "%s is above %s, the most that the stream takes of a record", d.Fixed, most)
	}
	if d.Uniform != nil && d.Uniform.To > most {
		p.add(join(path, "uniform"), "%s is above %s, the most that the stream takes of a record", d.Uniform.To, most)
	}
}

func percent(p *problems, path string, share Share) {
	if share < 0 || share > 1 {
		p.add(path, "%s is not between 0%% and 100%%", share)
	}
}

// somePercent is for a share that says nothing if it is zero.
func somePercent(p *problems, path string, share Share) {
	if share == 0 {
		p.add(path, "is missing, or zero")
		return
	}
	percent(p, path, share)
}

func (k *Keys) validate(p *problems, path string) {
	var given []string
	form := func(name string, count Count) string {
		given = append(given, name)
		at := join(path, name)
		if count <= 0 {
			p.add(join(at, "count"), "%s is not above zero", count)
		}
		return at
	}
	if k.Uniform != nil {
		form("uniform", k.Uniform.Count)
	}
	if z := k.Zipf; z != nil {
		if at := form("zipf", z.Count); z.Exponent < 0 {
			p.add(join(at, "exponent"), "%s is below zero", z.Exponent)
		}
	}
	if h := k.Hot; h != nil {
		at := form("hot", h.Count)
		if h.Hot <= 0 || h.Hot >= h.Count {
			p.add(join(at, "hot"), "%s is not between 1 and one less than count", h.Hot)
		}
		somePercent(p, join(at, "share"), h.Share)
	}
	if h := k.HotShard; h != nil {
		somePercent(p, join(form("hot_shard", h.Count), "share"), h.Share)
	}
	if k.Sequential != nil {
		form("sequential", k.Sequential.Count)
	}
	if k.File != "" {
		given = append(given, "file")
	}
	oneForm(p, path, given, fieldNames[Keys]())
}

// oneForm checks that one form out of several is given.
func oneForm(p *problems, path string, given, all []string) {
	hint := "it is one of " + strings.Join(all, ", ")
	switch len(given) {
	case 0:
		p.add(path, "is missing").hint = hint
	case 1:
	default:
		p.add(path, "has %s, and can have one of them", strings.Join(given, " and ")).hint = hint
	}
}
