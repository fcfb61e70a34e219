package finding

// Code says which kind a finding is of, for programs and for people who look it up: it stays when words change.
// All codes stand here, each with its entry in the catalogue below.
type Code string

// What a file of the fleet is as a text.
const (
	Syntax        Code = "syntax"
	Hidden        Code = "hidden-character"
	NotData       Code = "not-data"
	Reference     Code = "reference"
	MissingQuotes Code = "missing-quotes"
	TooLarge      Code = "too-large"
	Unreadable    Code = "unreadable"
	Many          Code = "many"
)

// What stands in a field.
const (
	UnknownField Code = "unknown-field"
	MissingField Code = "missing-field"
	WrongValue   Code = "wrong-value"
	Conflict     Code = "conflict"
)

// How parts of a fleet fit together.
const (
	UnknownName  Code = "unknown-name"
	NameTaken    Code = "name-taken"
	NameTooLong  Code = "name-too-long"
	Inconsistent Code = "inconsistent"
	Unsupported  Code = "unsupported"
	Adoption     Code = "adoption"
	NewerProgram Code = "newer-program"
)

// Rules and waivers.
const (
	RuleInvalid     Code = "rule-invalid"
	RuleContradicts Code = "rule-contradicts"
	RuleLoosened    Code = "rule-loosened"
	RuleBroken      Code = "rule-broken"
	WaiverOver      Code = "waiver-over"
	Waived          Code = "waived"
	Expired         Code = "expired"
	SupportEnds     Code = "support-ends"
)

// Overlays, and what they make of the objects.
const (
	OverlayMissing  Code = "overlay-missing"
	OverlayInvalid  Code = "overlay-invalid"
	OverlayFails    Code = "overlay-fails"
	OverlayRemote   Code = "overlay-remote"
	FunctionConfig  Code = "function-config"
	GuardMissing    Code = "guard-missing"
	TripwireMissing Code = "tripwire-missing"
	PromiseBroken   Code = "promise-broken"
	IdlePatch       Code = "idle-patch"
	ObjectForbidden Code = "object-forbidden"
	UnknownKind     Code = "unknown-kind"
)

// What stands in the checkout.
const (
	Orphan      Code = "orphan"
	OutOfDate   Code = "out-of-date"
	Unrecorded  Code = "unrecorded"
	Link        Code = "link"
	Bases       Code = "bases"
	HubLacks    Code = "hub-lacks"
	SecretInGit Code = "secret-in-git"
)

// What a change does to what was rendered before.
const (
	Refused    Code = "refused"
	Undeclared Code = "undeclared"
	Idle       Code = "idle-declaration"
	Unjudged   Code = "unjudged"
	AllAtOnce  Code = "all-at-once"
)

// What Argo CD makes of ApplicationSets, and of the sources of Applications.
const (
	SetUnknown    Code = "set-unknown"
	SetRefused    Code = "set-refused"
	SourceUnknown Code = "source-unknown"
)

// The command line and the machine.
const (
	CommandLine  Code = "command-line"
	NoFleet      Code = "no-fleet"
	Installation Code = "installation"
)

// The Git repository that the checkout is of.
const (
	NoRepository    Code = "no-repository"
	UnknownRevision Code = "unknown-revision"
)

// Entry explains a code.
type Entry struct {
	Code        Code
	Title       string
	Severity    Severity // as it is most of the time
	Explanation string   // a sentence or two: why it matters, and what to do
}

// Catalogue is every code in the order of the documentation.
func Catalogue() []Entry { //nolint:funlen // a table
	return []Entry{
		{Syntax, "The file is not CUE", Error, "The text cannot be read. The message shows the first place where it stops making sense; the slip is there or just before."},
		{NotData, "The file computes", Error, "A spec lists its things one by one, so that a reviewer sees what it says: no loops, calls, imports, conditions or references beyond a name."},
		{Hidden, "There is a character that does not show", Error, "Editors hide it or show it as another one, so that a reviewer would read something else than the program."},
		{Reference, "A reference leads nowhere", Error, "It names a field that is not there or has no value, or a value names itself."},
		{MissingQuotes, "A text has no quotes", Error, "A word without quotes is a reference in CUE, and nothing in the file has that name."},
		{TooLarge, "The input is too large", Error, "Specs come from pull requests, so what reading them may cost is bounded. The message names the bound."},
		{Unreadable, "The input cannot be read", Error, "A manifest or a ResourceList is not the YAML or JSON that it should be."},
		{Many, "There are more mistakes", Error, "Of very many mistakes in one file the first are told."},

		{UnknownField, "There is no such field", Error, "Most of the time a slip of the keyboard; the message lists what there is."},
		{MissingField, "A field is missing", Error, "It has no default, neither of Spokewright nor of the class nor of the fleet."},
		{WrongValue, "The value is not allowed", Error, "The message says what was found and what is allowed."},
		{Conflict, "Two values for one field", Error, "A field may be written twice, as a default and by a spec, if both say the same."},

		{UnknownName, "Nothing has this name", Error, "The value names an environment, class, hub, database or the like that does not exist."},
		{NameTaken, "The name is taken", Error, "Two things would make objects of one name, or of one name on one cluster. Choose another for one of them."},
		{NameTooLong, "The name is too long", Error, "Kubernetes and the clouds limit the names that are made of it."},
		{Inconsistent, "Fields do not fit together", Error, "Each is allowed alone, but not with what another field says."},
		{Unsupported, "The versions cannot do it", Error, "What the spec asks for needs another target version, mode or cloud."},
		{Adoption, "An adoption may not take this step", Error, "What is adopted is first looked at and then managed; steps back or to the side would make or delete real resources."},
		{NewerProgram, "The fleet needs a newer Spokewright", Error, "fleet.cue sets minVersion, so that nobody renders with an older program."},

		{RuleInvalid, "The rule cannot be compiled", Error, "A rule is judged here and by Kyverno, so it may only say what both understand."},
		{RuleContradicts, "Rules that nothing can satisfy", Error, "Two rules of one class, or a rule and a default, leave no value."},
		{RuleLoosened, "A rule asks for less than the one it replaces", Error, "A class may replace a rule that Spokewright brings; to ask for less needs a waiver with a reason and a last day."},
		{RuleBroken, "An object breaks a rule", Error, "The message names the rule and its class. A rule that only warns gives a warning."},
		{WaiverOver, "A waiver is over", Error, "Its last day has passed, so the rule counts again: mend what it let in, or renew it with a new day and reason."},
		{Waived, "A waiver holds", Note, "Nothing to do: what a rule would refuse is let in until the last day of the waiver."},
		{Expired, "An environment has outlived its last day", Warning, "Nothing happens by itself: spokewright env rm begins to take it down, or the spec gets a later day."},
		{SupportEnds, "The support of a version ends", Warning, "check --date tells it 90 days before. After it a cloud asks for more money, or upgrades by itself, as EKS does here: raise the version first, one minor version of Kubernetes at a time."},

		{OverlayMissing, "An environment has no overlay", Error, "overlays/NAME/{hub,spoke} is where kustomize finds the environment."},
		{OverlayInvalid, "The kustomization is not valid", Error, "kustomize would refuse the file, or do something else than it says."},
		{OverlayFails, "The overlay cannot be built", Error, "kustomize fails on it. The message is kustomize's own."},
		{OverlayRemote, "The overlay needs something outside", Error, "A build reads nothing outside its tree and runs no other program, so that it gives the same everywhere."},
		{FunctionConfig, "The functionConfig is wrong", Error, "It names the environment and the plane; the message says which field is wrong."},
		{GuardMissing, "The guard does not watch", Error, "Every overlay ends with the guard of its environment and plane, which looks at the final objects."},
		{TripwireMissing, "The tripwire is missing", Error, "Without the object NotRendered nothing stops an overlay that was built without functions."},
		{PromiseBroken, "A patch takes away what the spec promises", Error, "An overlay may add and tune; what the spec promises stays. Change the spec instead."},
		{IdlePatch, "A patch changes nothing", Warning, "Its target is no object of the plane, which kustomize passes over in silence, or it writes what is there without it. Most of the time the kind, the name or the field is a slip, or what it was for has gone."},
		{ObjectForbidden, "An overlay may not add this object", Error, "It would change who may do what on the hub, or speak for another environment."},
		{UnknownKind, "Nobody knows this kind", Error, "The object's apiVersion and kind are unknown, and one that is much like it is known."},

		{Orphan, "The folder belongs to no environment", Error, "One name joins a spec, an overlay and a folder of golden/. Remove the folder, or name the spec like it."},
		{OutOfDate, "A rendered file is out of date", Error, "golden/ holds what a render gives: run spokewright render and commit what it writes."},
		{Unrecorded, "Names in the cloud are not recorded", Warning, "Only the hub knows them: a second one would make everything again. Once the environment is ready, spokewright names records them."},
		{Link, "A link stands where a file belongs", Error, "What a symbolic link leads to could be any file of the checkout, and messages would show it or a render write to it. Put the file itself there."},
		{Bases, "The bases are not this program's", Warning, "What hubs and spokes have beside their environments comes with the program, and what a team changed stays: spokewright upgrade merges both. Its lock says what each file came from."},
		{HubLacks, "What the fleet needs is not there", Error, "A spec asks for what its hub or its cluster does not have by all that is rendered for them: it would be green here and never come up. The message says what to write where."},
		{SecretInGit, "What looks like a secret stands in Git", Warning, "By its key or by itself it looks like a password, a token or a key, in the values and variables of a spec, or in a file of an overlay or of bases/: an object, a patch, what a generator reads. Files in Git are for everybody with a checkout. It is never printed. A comment with the word not-a-secret, on the line or alone on the one above, says that it is none."},

		{Refused, "No cloud takes this change", Error, "What runs cannot become what the spec says now: a cloud, its provider or the hub's API refuses it. The message says who does, and what to do instead."},
		{Undeclared, "A change destroys, and nothing declares it", Error, "Something that runs would be deleted, made anew or left without a protection. Where that is meant, say so in the spec: removed or moved, beside what it is about."},
		{Idle, "A declaration that nothing needs", Warning, "It let a change through that is done. Take it out, so that it does not let another one through."},
		{AllAtOnce, "A change that reaches several classes in one minute", Warning, "Crossplane follows a composition that changes wherever it makes something. A class with a set of compositions of its own follows when the set does."},
		{Unjudged, "A change that cannot be judged", Note, "What was rendered before is not there or cannot be read. spokewright diff compares with a commit."},

		{SetUnknown, "What a set makes cannot be told", Warning, "It looks at something that is not in this repository, such as the clusters that Argo CD knows, or costs too much to expand. The Applications that it makes are not compared: look at the set itself."},
		{SetRefused, "Argo CD refuses a set", Warning, "Its controller would make nothing new of it, and leave what it made. Mend what the message names."},
		{SourceUnknown, "What an Application runs cannot be told", Warning, "Its source lies in this repository and is not rendered here: a Helm chart, a plugin, Jsonnet, or a folder that cannot be read. Which of its files changed is told; look at what they make elsewhere."},

		{CommandLine, "The command line is wrong", Error, "The message says what is allowed there; --help says more."},
		{NoFleet, "There is no fleet here", Error, "A fleet is a folder with environments/fleet.cue; spokewright looks for it from the working folder up."},
		{Installation, "The installation is not right", Error, "What spokewright doctor finds: programs, plugin links, Git and editor settings."},

		{NoRepository, "There is no Git repository to read", Error, "A change is told against a commit, so the fleet must stand in a Git repository, and its files must be as Git writes them."},
		{UnknownRevision, "There is no such revision", Error, "It names no commit that this clone holds. A clone that was cut off has only the newest ones: fetch what is missing."},
	}
}
