package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
)

// report is what a run has found.
type report struct {
	Machine machine  `json:"machine"`
	Figures []figure `json:"figures"`

	before []figure
}

// machine says where and when figures were taken.
type machine struct {
	OS          string    `json:"os"`
	Processors  int       `json:"processors"`
	Go          string    `json:"go"`
	Load        []float64 `json:"load"` // of the last minute, before the run and after it; none where the system does not say
	NotForQuote bool      `json:"notForQuote"`
}

// figure is one line of the report.
type figure struct {
	Subject      string  `json:"subject"`
	What         string  `json:"what"`
	Value        float64 `json:"value"`
	Unit         string  `json:"unit"`            // "s", "ms", "MB", "x" or ""
	CPU          float64 `json:"cpu,omitempty"`   // the same of processor time, which a busy machine disturbs less
	Reach        string  `json:"reach,omitempty"` // what design asks for
	Extrapolated bool    `json:"extrapolated,omitempty"`
}

// quiet is the load above which other work disturbs the figures.
const quiet = 1.5

func (r *report) begin(progress io.Writer) {
	r.Machine = machine{OS: runtime.GOOS + "/" + runtime.GOARCH, Processors: runtime.GOMAXPROCS(0), Go: runtime.Version()}
	if now, ok := load(); ok {
		r.Machine.Load = []float64{now}
		if r.Machine.NotForQuote = now > quiet; r.Machine.NotForQuote {
			fmt.Fprintf(progress, "the machine is busy (load %.1f): the figures of this run are not to be quoted\n", now)
		}
	}
}

func (r *report) end() {
	if now, ok := load(); ok {
		r.Machine.Load = append(r.Machine.Load, now)
	}
}

// load is how many processes wanted to run in the last minute.
func load() (float64, bool) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, false
	}
	var now float64
	_, err = fmt.Sscan(string(text), &now)
	return now, err == nil
}

func (r *report) add(f figure) { r.Figures = append(r.Figures, f) }

// took adds what something took, in seconds or thousandths of them.
func (r *report) took(subject, what string, c cost, extrapolated bool) {
	f := figure{Subject: subject, What: what, Value: c.wall, CPU: c.cpu, Unit: "s", Extrapolated: extrapolated}
	if c.wall < 1 {
		f.Value, f.CPU, f.Unit = 1000*c.wall, 1000*c.cpu, "ms"
	}
	r.add(f)
}

// ratio adds how many times as much one cost is as another.
func (r *report) ratio(subject, what string, of, to cost, reach string, extrapolated bool) {
	r.add(figure{Subject: subject, What: what, Value: of.wall / to.wall, CPU: of.cpu / to.cpu, Unit: "x", Reach: reach, Extrapolated: extrapolated})
}

// fleetFigures is what was measured of a fleet.
type fleetFigures struct {
	environments, objects, bytes, sample, repetitions int
	ours, floor, kustomize, alone                     cost
	floors                                            []floor
}

func (r *report) fleet(f fleetFigures) {
	subject := fmt.Sprintf("%d environments, %d objects, %.1f MB", f.environments, f.objects, float64(f.bytes)/1e6)
	guess := f.sample < f.environments
	by := ""
	if guess {
		by = fmt.Sprintf(" (extrapolated from %d)", f.sample)
	}
	reach := func(text string) string {
		if f.environments < 1000 {
			return ""
		}
		return text
	}
	r.took(subject, "spokewright render", f.ours, false)
	r.took(subject, "floor: CUE + emit + write", f.floor, false)
	r.part(subject, "of it CUE", f.floors, func(f floor) part { return f.CUE })
	r.part(subject, "of it write", f.floors, func(f floor) part { return f.Write })
	r.took(subject, "kustomize build with our functions"+by, f.kustomize, guess)
	r.took(subject, "kustomize build of the rendered objects"+by, f.alone, guess)
	r.ratio(subject, "render / floor", f.ours, f.floor, reach("<= 1.5"), false)
	r.ratio(subject, "kustomize with our functions / render"+by, f.kustomize, f.ours, reach("> 30"), guess)
	r.ratio(subject, "kustomize of rendered objects / render"+by, f.alone, f.ours, "", guess)
	r.add(figure{Subject: subject, What: "render, peak memory", Value: float64(f.ours.memory) / (1 << 20), Unit: "MB", Reach: reach("<= 128")})
}

// part adds the median of a part of the floor.
func (r *report) part(subject, what string, floors []floor, of func(floor) part) {
	costs := make([]cost, len(floors))
	for i, f := range floors {
		costs[i] = cost{wall: of(f).Wall, cpu: of(f).CPU}
	}
	r.took(subject, what, middle(costs), false)
}

func (r *report) one(patched bool, costs []cost) {
	subject := "1 environment, both planes"
	if patched {
		subject = "1 environment, one plane patched"
	}
	for i, what := range []string{"in-process", "spokewright render ENVIRONMENT", "kustomize build with our functions", "kustomize build of the rendered objects", "kustomize build with our functions as plugins"} {
		r.took(subject, what, costs[i], false)
	}
	r.ratio(subject, "in-process / kustomize of rendered objects", costs[0], costs[3], "<= 1", false)
	r.ratio(subject, "render / kustomize of rendered objects", costs[1], costs[3], "<= 0.5", false)
	r.ratio(subject, "render / kustomize with our functions", costs[1], costs[2], "<= 1", false)
	r.ratio(subject, "kustomize with our functions as plugins / kustomize of rendered objects", costs[4], costs[3], "<= 2.5", false)
}

// peers adds what the first takes, and how many times as much it is as each other.
func (r *report) peers(environments int, names []string, costs []cost) {
	subject := fmt.Sprintf("%d environments, the same objects in one call", environments)
	for i, name := range names {
		r.took(subject, name, costs[i], false)
	}
	for i, name := range names[1:] {
		r.ratio(subject, "render / "+name, costs[0], costs[i+1], "<= 1", false)
	}
}

func (r *report) change(environments int, unchanged, check, render cost) {
	subject := fmt.Sprintf("nothing changed in %d environments", environments)
	r.took(subject, "spokewright check", unchanged, false)
	r.ratio(subject, "check / render of all", unchanged, render, "<= 0.02", false)
	subject = fmt.Sprintf("1 edited environment of %d", environments)
	r.took(subject, "spokewright check ENVIRONMENT", check, false)
	r.ratio(subject, "check ENVIRONMENT / render of all", check, render, "<= 0.02", false)
}

// diff adds what a review of an edit takes with a warm cache, and how much a person reads of one that touches all.
func (r *report) diff(environments int, warm, render cost, lines int) {
	subject := fmt.Sprintf("1 edited environment of %d", environments)
	r.took(subject, "spokewright diff, cache warm", warm, false)
	r.ratio(subject, "diff, cache warm / render of all", warm, render, "<= 0.02", false)
	r.add(figure{Subject: "an edit of fleet.cue", What: "lines that diff prints", Value: float64(lines), Reach: "<= 50"})
}

// growth adds the exponent over all sizes, and over the last two: a square hides behind what every run costs.
func (r *report) growth(what, most string, sizes []float64, costs []cost) {
	subject := "growth with " + what
	var wall, cpu []point
	for i, c := range costs {
		wall, cpu = append(wall, point{sizes[i], c.wall}), append(cpu, point{sizes[i], c.cpu})
		r.took(subject, fmt.Sprintf("render of %.0f objects", sizes[i]), c, false)
	}
	r.add(figure{Subject: subject, What: "exponent", Value: exponent(wall), CPU: exponent(cpu), Reach: "<= 1.03"})
	last := len(sizes) - 2
	r.add(figure{Subject: subject, What: "exponent of the last step", Value: exponent(wall[last:]), CPU: exponent(cpu[last:]), Reach: "<= 1.03"})
	r.add(figure{Subject: subject, What: fmt.Sprintf("render of %.0f objects, peak memory", sizes[last+1]), Value: float64(costs[last+1].memory) / (1 << 20), Unit: "MB", Reach: most})
}

func (r *report) start(ours, theirs, call cost) {
	r.took("cold start", "spokewright version", ours, false)
	r.took("cold start", "kustomize version", theirs, false)
	r.took("cold start", "spokewright fn, one call", call, false)
	r.ratio("cold start", "fn / version", call, ours, "<= 2", false)
}

func (r *report) json(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

func (r *report) text(w io.Writer) error {
	m := r.Machine
	fmt.Fprintf(w, "%s, %d processors, %s, load %s\n", m.OS, m.Processors, m.Go, strings.Trim(fmt.Sprint(m.Load), "[]"))
	if m.NotForQuote {
		fmt.Fprintln(w, "NOT TO BE QUOTED: the machine was busy before the run")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	heads := "subject\twhat\tvalue\tby CPU time\treach"
	if r.before != nil {
		heads += "\tbefore\tnow / before"
	}
	fmt.Fprintln(table, heads)
	subject := ""
	for _, f := range r.Figures {
		shown := f.Subject
		if shown == subject {
			shown = ""
		}
		subject = f.Subject
		cpu := ""
		if f.CPU != 0 {
			cpu = number(f.CPU, f.Unit)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s%s\n", shown, f.What, number(f.Value, f.Unit), cpu, f.Reach, r.since(f))
	}
	return table.Flush()
}

// worse is how many times as much a figure may be as before without a mark: so much differs from run to run.
const worse = 1.1

// since is a figure of the earlier run, and how many times as much it is now: by processor time where both have that, which a busy
// machine disturbs less.
func (r *report) since(now figure) string {
	for _, before := range r.before {
		if before.Subject != now.Subject || before.What != now.What || before.Unit != now.Unit {
			continue
		}
		was, is := before.Value, now.Value
		if before.CPU != 0 && now.CPU != 0 {
			was, is = before.CPU, now.CPU
		}
		mark := ""
		if is > worse*was {
			mark = " WORSE"
		}
		return fmt.Sprintf("\t%s\t%.2f%s", number(was, before.Unit), is/was, mark)
	}
	return ""
}

// against takes the report of an earlier run, to compare with.
func (r *report) against(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var before report
	if err := json.Unmarshal(text, &before); err != nil {
		return fmt.Errorf("-compare: %s is no report of a bench: %w", file, err)
	}
	r.before = before.Figures
	return nil
}

func number(value float64, unit string) string {
	switch {
	case value >= 100:
		return fmt.Sprintf("%.0f %s", value, unit)
	case value >= 10:
		return fmt.Sprintf("%.1f %s", value, unit)
	}
	return fmt.Sprintf("%.2f %s", value, unit)
}
