package platform

import (
	"os"
	"strings"
)

// StandIns lists what is played, and by what.
func StandIns(scope Scope) []string {
	lines := []string{
		"the clouds: a program that makes managed resources ready, names them as the providers' configuration says, and keeps a book",
		"the clouds' clusters: an API server each on loopback, with Kubernetes' own controllers for namespaces, owners, Deployments and quotas",
		"machines: every Pod that is let in is said to run; nothing runs in it, but for Kyverno and Crossplane, which are real",
		"Knative's operator: a program that says of what it is to install that it is there",
		"External Secrets: a program that reads its stores and writes Secrets; the clouds' vaults are one in memory",
		"Helm charts: the projects' real definitions and one Deployment each; Argo CD's is two ConfigMaps, its processes run beside it",
		"what runs packages for Crossplane: every package is said to run; functions are the real programs",
		"argocd-k8s-auth: a script that gives the token of the clusters here, for the clouds' own login",
		"a push's webhook: the refresh annotation on Applications; those that wait for something get it every 15 s, not once a minute",
		"Argo CD's page: none, no module carries its files; use kubectl",
		"definitions: without their descriptions, and of the clouds' kinds those that the fleet uses",
		"Crossplane's breaker of too many events: as good as off, since what a cloud makes within minutes is ready here within a second",
		"Azure: no environment is there, since its clusters answer on port 443 alone, which is not free for all here",
		"the sample's freeze on the weekends before great sales: lifted, so that nothing depends on the day",
		"the ImageUpdater object: judged by its definition alone; Image Updater 0.11 runs once over the annotations",
	}
	if scope.Claims {
		lines = append(lines, "provider-kubernetes: a program that applies what its Objects hold, says what became of it, and deletes it with them")
	}
	if len(scope.Clouds) > 0 {
		lines = append(lines, "clouds but "+strings.Join(scope.Clouds, ", ")+": their packages are there and bring no kinds; left out: "+strings.Join(scope.Without, ", "))
	}
	if os.Getenv(ProviderDefinitions) == "" {
		lines = append(lines, "the providers' definitions: open ones, since "+ProviderDefinitions+" names no folder with the real ones: no field is judged")
	}
	return lines
}
