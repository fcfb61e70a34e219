package check

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"sync"
	"time"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/crossplane/definitions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Fleet runs every check on what was rendered of a fleet. Orphans are looked for only where that is the whole fleet.
func Fleet(tree fs.FS, reader *schema.Reader, fleet *schema.Fleet, rendered []render.Rendered, now time.Time, whole bool) (finding.Findings, error) {
	targets := make([]render.Target, len(rendered))
	for i, r := range rendered {
		targets[i] = r.Target
	}
	j, err := NewJudging(tree, reader, targets, now)
	if err != nil {
		return nil, err
	}
	for _, hubs := range []bool{true, false} {
		for i := range rendered {
			e := fleet.Environments[rendered[i].Environment]
			if hubs != (e.Role == "hub") {
				continue
			}
			if _, err := j.Add(e, i, &rendered[i]); err != nil {
				return nil, err
			}
		}
	}
	return j.End(fleet, whole)
}

// Judging is what Fleet does, of targets that are rendered one after another, those of hubs before all others: what a hub defines
// says what shape objects have. Of a target it keeps what others are held to.
type Judging struct {
	tree    fs.FS
	reader  *schema.Reader
	now     time.Time
	targets []render.Target

	comparison *Comparison
	planes     []judgedPlane // by place
	noted      []noted       // by place
	hubs       []waiting

	prepared func() error
	set      *crd.Set
	platform map[string]*platform

	lock sync.Mutex
	of   map[string][]int // the places of the targets of an environment
	left map[string]int   // how many of them are still to come
}

// judgedPlane is what is found in a target, in the order in which it is told, and what stays of it.
type judgedPlane struct {
	needs, idle, before, after finding.Findings
	remnant                    remnant
}

// remnant is a plane as others are held to it. Once its environment is judged it is written down as JSON, which takes less than half of
// what the same objects do, and has no numbers but float64.
type remnant struct {
	render.Rendered

	frozen []byte // nil as long as the objects are there
}

// freeze writes the objects down. What JSON cannot say stays as it is.
func (r *remnant) freeze() {
	if text, err := json.Marshal(r.Objects); err == nil {
		r.frozen, r.Objects = text, nil
	}
}

// thawed is the plane with its objects.
func (r remnant) thawed() (render.Rendered, error) {
	if r.frozen == nil {
		return r.Rendered, nil
	}
	if err := json.Unmarshal(r.frozen, &r.Objects); err != nil {
		return render.Rendered{}, fmt.Errorf("what was written down of %s: %w", r.File(), err)
	}
	return r.Rendered, nil
}

// remnants are all planes by their places, those that are not wanted without their objects. Where one cannot be had, they end there, and
// failed says why.
func (j *Judging) remnants(failed *error, wanted func(place int) bool) iter.Seq[render.Rendered] {
	return func(yield func(render.Rendered) bool) {
		for place, p := range j.planes {
			r := render.Rendered{Target: p.remnant.Target}
			if wanted(place) {
				var err error
				if r, err = p.remnant.thawed(); err != nil {
					*failed = err
					return
				}
			}
			if !yield(r) {
				return
			}
		}
	}
}

// waiting is a target of a hub.
type waiting struct {
	schema.Environment
	place int
	render.Rendered
}

// NewJudging begins.
func NewJudging(tree fs.FS, reader *schema.Reader, targets []render.Target, now time.Time) (*Judging, error) {
	comparison, err := Comparing(tree, targets)
	j := &Judging{tree: tree, reader: reader, now: now, targets: targets, comparison: comparison, planes: make([]judgedPlane, len(targets)), noted: make([]noted, len(targets)), of: map[string][]int{}, left: map[string]int{}}
	j.prepared = sync.OnceValue(j.prepare)
	for place, t := range targets {
		j.of[t.Environment] = append(j.of[t.Environment], place)
		j.left[t.Environment]++
	}
	return j, err
}

// Add takes the target of a place, and says whether its environment must stay as a whole. It may be called concurrently, but not for
// targets of one environment.
func (j *Judging) Add(e schema.Environment, place int, r *render.Rendered) (whole bool, err error) {
	differs, err := j.comparison.Add(place, r)
	if err != nil {
		return false, err
	}
	if e.Role == "hub" {
		j.lock.Lock()
		defer j.lock.Unlock()
		j.hubs = append(j.hubs, waiting{e, place, *r})
		return true, nil
	}
	if err := j.prepared(); err != nil {
		return false, err
	}
	if err := j.plane(e, place, *r); err != nil {
		return false, err
	}
	j.lock.Lock()
	j.left[e.Name]--
	last := j.left[e.Name] == 0
	j.lock.Unlock()
	if last {
		j.needs(e)
	}
	p := &j.planes[place]
	return differs || len(p.before)+len(p.after) > 0, nil
}

// prepare takes from the hubs what all others are held to.
func (j *Judging) prepare() error {
	var declarations []manifest.Object
	j.platform = map[string]*platform{}
	slices.SortFunc(j.hubs, func(a, b waiting) int { return a.place - b.place })
	for _, hub := range j.hubs {
		declarations = append(declarations, hub.Objects...)
		if hub.Plane == schema.Spoke {
			j.platform[hub.Name] = platformOf(hub.Objects)
		}
	}
	config, err := j.reader.FleetConfigOf(j.tree)
	if err == nil {
		j.set, err = shapes(j.reader, config, declarations)
	}
	return err
}

// shapes are the kinds that Spokewright writes, its own claims in the generation that the fleet targets, and what the
// rendered hubs define themselves.
func shapes(reader *schema.Reader, config *schema.FleetConfig, declarations []manifest.Object) (*crd.Set, error) {
	claims, err := crd.Own(ownKinds(reader, config.Targets.Crossplane.API))
	if err != nil {
		return nil, err
	}
	declared, err := crd.Declared(declarations)
	if err != nil {
		return nil, finding.Wrong(finding.WrongValue, "%v", err)
	}
	return crd.Embedded().With(claims...).With(declared...), nil
}

// plane judges what a plane shows by itself, with the spec that it is of.
func (j *Judging) plane(e schema.Environment, place int, r render.Rendered) error {
	p := &j.planes[place]
	p.before = Waivers(e, j.now)
	if r.Plane == schema.Hub {
		p.before = append(p.before, Names(e)...)
		missing, err := Sources(j.tree, &schema.Fleet{Config: e.Fleet}, e)
		if err != nil {
			return err
		}
		p.after = slices.Concat(missing, Lifetime(e, j.now))
	}
	p.after = append(append(p.after, Shapes(j.set, r)...), Rules(e, r)...)
	stale, err := UpToDate(j.tree, r)
	if err != nil {
		return err
	}
	p.after = append(p.after, stale...)
	if p.idle, err = Patches(j.tree, j.reader, e, r); err != nil {
		return err
	}
	secrets, err := Secrets(j.tree, e, r.Plane)
	if err != nil {
		return err
	}
	p.idle = append(p.idle, secrets...)
	if e.Role == "hub" {
		p.idle = append(p.idle, sizes(r)...)
	}
	j.keep(e, place, r)
	return nil
}

// keep keeps of a plane what others are held to.
func (j *Judging) keep(e schema.Environment, place int, r render.Rendered) {
	kept := render.Rendered{Target: r.Target, Objects: r.Objects}
	if e.Role != "hub" {
		kept.Objects = outlines(e.Fleet.Claims, r.Objects)
	}
	j.planes[place].remnant, j.noted[place] = remnant{Rendered: kept}, notedOf(e, r)
}

// needs judges all planes of an environment that were rendered by what its hub has, and writes down what stays of them.
func (j *Judging) needs(e schema.Environment) {
	var planes []render.Rendered
	for _, place := range j.of[e.Name] {
		planes = append(planes, j.planes[place].remnant.Rendered)
	}
	for i, place := range j.of[e.Name] {
		j.planes[place].needs = needs(j.tree, e, planes[i], planes, j.platform)
		j.planes[place].remnant.freeze()
	}
}

// End judges what no plane shows alone, and gives all that was found.
func (j *Judging) End(fleet *schema.Fleet, whole bool) (finding.Findings, error) {
	if err := j.prepared(); err != nil {
		return nil, err
	}
	for _, hub := range j.hubs {
		if err := j.plane(hub.Environment, hub.place, hub.Rendered); err != nil {
			return nil, err
		}
	}
	all, err := j.together(fleet, whole)
	if err != nil {
		return nil, err
	}
	names := fleet.Names()
	for i, p := range j.planes {
		all = append(all, p.before...)
		if j.targets[i].Plane == schema.Hub {
			all = append(all, Networks(fleet, names, fleet.Environments[j.targets[i].Environment])...)
		}
		all = append(all, p.after...)
	}
	return all, nil
}

// together is what no plane shows alone.
func (j *Judging) together(fleet *schema.Fleet, whole bool) (finding.Findings, error) {
	var all finding.Findings
	if whole {
		orphans, err := Orphans(j.tree, fleet.Names())
		if err != nil {
			return nil, err
		}
		nameless, err := Nameless(j.tree, fleet.Names())
		if err != nil {
			return nil, err
		}
		secrets, err := secretsInBases(j.tree)
		if err != nil {
			return nil, err
		}
		all = slices.Concat(all, orphans, nameless, secrets)
		for _, f := range paces(j.targets, j.applications(fleet), j.platform) {
			f.Position = kustomize.Where(j.tree, path.Dir(f.File), f)
			all = append(all, f)
		}
	}
	between, err := j.between(fleet)
	if err != nil {
		return nil, err
	}
	all = append(all, between...)
	for _, name := range slices.Sorted(maps.Keys(j.platform)) {
		all = append(all, j.platform[name].fits(fleet.Config, name)...)
	}
	var idle finding.Findings
	for _, p := range j.planes {
		all, idle = append(all, p.needs...), append(idle, p.idle...)
	}
	all = append(append(all, sampleAccounts(fleet.Config)...), idle...)
	changes, err := j.comparison.Judge(fleet, whole)
	return append(all, changes...), err
}

// between is what planes show together.
func (j *Judging) between(fleet *schema.Fleet) (finding.Findings, error) {
	var failed error
	environment := func(place int) schema.Environment { return fleet.Environments[j.targets[place].Environment] }
	hubs := func(place int) bool { return environment(place).Role == "hub" }
	composed := func(place int) bool {
		e := environment(place)
		return hubs(place) || j.targets[place].Plane == schema.Hub && (e.Compositions != "" || e.OtherAccount() != "")
	}
	suspected := suspected(fleet, j.noted)
	where := func(overlay string, f finding.Finding) finding.Position { return kustomize.Where(j.tree, overlay, f) }
	var all finding.Findings
	for _, f := range Planes(fleet, j.remnants(&failed, func(place int) bool { return hubs(place) || suspected(place) }), where) {
		f.Position = where(path.Dir(f.File), f)
		all = append(all, f)
	}
	all = slices.Concat(all, Accounts(fleet, j.remnants(&failed, hubs)), Compositions(fleet, j.remnants(&failed, composed)))
	return all, failed
}

// applications are how many Applications the Argo CD of each hub looks after.
func (j *Judging) applications(fleet *schema.Fleet) map[string]int {
	all := map[string]int{}
	for place, t := range j.targets {
		if e := fleet.Environments[t.Environment]; t.Plane == schema.Hub || e.Role == "hub" {
			all[e.Hub] += j.noted[place].applications
		}
	}
	return all
}

// outlines are objects of a spoke as others are held to them: claims as they are, sets with the names of what they make, and of all
// others who they are.
func outlines(claims claim.Claims, objects []manifest.Object) []manifest.Object {
	all := make([]manifest.Object, len(objects))
	for i, object := range objects {
		id := manifest.Identify(object)
		if slices.ContainsFunc(claims.Kinds(), func(kind claim.Kind) bool { return kind.Kind == id.Kind && kind.APIVersion == id.APIVersion }) {
			all[i] = object
			continue
		}
		outline := manifest.New(id.APIVersion, id.Kind, id.Namespace, id.Name)
		if label, is := manifest.Get(object, "metadata", "labels", "spokewright.dev/environment"); is {
			outline["metadata"].(map[string]any)["labels"] = map[string]any{"spokewright.dev/environment": label}
		}
		if id.Group() == "argoproj.io" {
			outline["spec"] = application(object)
		}
		all[i] = outline
	}
	return all
}

// application is what of the specification of an Application or a set others are held to.
func application(object manifest.Object) map[string]any {
	source, _ := manifest.MapAt(object, "spec", "source")
	var elements []any
	for _, element := range argocd.Elements(object) {
		elements = append(elements, map[string]any{"name": element["name"], "environment": element["environment"]})
	}
	return map[string]any{
		"source":     map[string]any{"chart": source["chart"], "path": source["path"]},
		"generators": []any{map[string]any{"list": map[string]any{"elements": elements}}},
	}
}

// ownKinds declare Spokewright's claims in a generation of Crossplane's API: "claims" or "namespaced".
func ownKinds(reader *schema.Reader, api string) []manifest.Object {
	var declarations []manifest.Object
	for _, kind := range definitions.Kinds() {
		spec, status := reader.ClaimSpec(kind.Name), reader.ClaimStatus(kind.Name)
		if api == "claims" {
			declarations = append(declarations, kind.Claimed(spec, status))
		} else {
			declarations = append(declarations, kind.Namespaced(spec, status))
		}
	}
	return declarations
}
