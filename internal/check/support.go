package check

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"spokewright.dev/spokewright/internal/cloud"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// supportDays is how many days before its end the end of a version's support is told.
const supportDays = 90

// Support warns of versions of Kubernetes and of databases whose standard support is over at a time, or will be soon.
func Support(e schema.Environment, now time.Time) finding.Findings {
	if e.Cluster == nil {
		return nil
	}
	findings := supported(e, now, cloud.Kubernetes, e.Cluster.Version, "cluster", "version")
	for _, name := range slices.Sorted(maps.Keys(e.Databases)) {
		findings = append(findings, supported(e, now, e.Databases[name].Engine, e.Databases[name].Version, "databases", name, "version")...)
	}
	return findings
}

func supported(e schema.Environment, now time.Time, of, number string, path ...string) finding.Findings {
	offer := cloud.Offered(e.Cluster.Cloud, of)
	version, known := offer.Find(number)
	if !known || version.Ends == "" || version.Ends > now.AddDate(0, 0, supportDays).Format(time.DateOnly) {
		return nil
	}
	ends := "ends on"
	if version.Ends < now.Format(time.DateOnly) {
		ends = "ended on"
	}
	message := fmt.Sprintf("found %q, whose standard support on %s %s %s (%s, read on %s)", number, e.Cluster.Cloud, ends, version.Ends, offer.At, offer.On)
	if newer := offer.Versions[max(slices.Index(offer.Numbers(), version.Number)-1, 0)]; newer.Number != version.Number {
		message += fmt.Sprintf(": the next one is %q", newer.Number)
	}
	// A version that a class or Spokewright says is told where the environment says what has it.
	at := e.Written(path...)
	if has := e.Written(path[:len(path)-1]...); at.File != has.File {
		at = has
	}
	return finding.Findings{{Code: finding.SupportEnds, Severity: finding.Warning, Position: at, Path: finding.Tokens(path...), Message: message}}
}
