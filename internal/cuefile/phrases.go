package cuefile

// phrases say in words what the regular expressions of the definitions mean, by what constraint says of them. Each has
// a case in the tests that finds it true.
func phrases() map[string]string {
	const a = "a string matching "
	return map[string]string{
		// environment.cue
		a + `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`:                 `lower-case letters, digits and dashes between them, such as "prod-eu"`,
		a + `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`:                   `lower-case letters and digits with single dashes between them, a letter first, such as "shop-prod-eu"`,
		a + `^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`: `up to 63 letters, digits and any of - _ . between them, such as "team-a"`,
		a + `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`:                    `a day such as "2027-01-31"`,
		a + `^[^\n\r]+$`:                                      `a line of text, not empty`,
		a + `^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`: `the name of a label, such as "example.com/team"`,
		a + `^[a-z][a-z0-9-]*[a-z0-9]$`: `the cloud's name for a place, such as "eu-west-1"`,
		a + `^1\.[0-9][0-9]$`:           `a version of Kubernetes in quotes, such as "1.34"`,
		a + `^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/[0-9]{1,2}$`:                                                 `an address range such as "10.0.0.0/16"`,
		a + `^(https|ssh|oci)://[A-Za-z0-9.@:-]+(/[A-Za-z0-9._~/-]*)?$`:                                                   `an address such as "https://git.example.com/team/apps.git" (https, ssh or oci)`,
		a + `^git@[A-Za-z0-9.-]+:[A-Za-z0-9._~/-]+$`:                                                                      `"git@git.example.com:team/apps.git"`,
		a + `^[A-Za-z0-9_][A-Za-z0-9_./-]*$ and not matching (^|/)\.\.(/|$)`:                                              `a path inside the repository, such as "apps/web", without ..`,
		a + `^[a-zA-Z0-9][a-zA-Z0-9._/-]*$`:                                                                               `the name of a chart, such as "redis"`,
		a + `^[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+$`:                                        `an image with its registry and without its tag, such as "registry.example.com/shop/web"`,
		a + `^[~^<>=!]*v?[0-9]+(\.([0-9]+|[xX*]))*([ ,|]+[~^<>=!]*v?[0-9]+(\.([0-9]+|[xX*]))*)*$`:                         `a version range such as "~1.4"`,
		a + `^[A-Za-z0-9_][A-Za-z0-9._-]*$`:                                                                               `a tag such as "stable"`,
		a + `^[a-z0-9]+/[a-z0-9]+(/[a-z0-9]+)?$`:                                                                          `a platform such as "linux/amd64"`,
		a + `^[0-9]+(\.[0-9]+)?$`:                                                                                         `a version in quotes, such as "17" or "8.4"`,
		a + `^\./[A-Za-z0-9_][A-Za-z0-9_/-]*$`:                                                                            `a folder of the fleet's repository such as "./modules/bucket"`,
		a + `^(https|ssh)://[A-Za-z0-9.@:-]+(/[A-Za-z0-9_.-]+)+(//[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$`:                    `a repository such as "https://git.example.com/team/modules.git//bucket"`,
		a + `^([a-z0-9-]+(\.[a-z0-9-]+)+/)?[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/[a-z0-9]+(//[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$`: `a module of a registry such as "example-modules/bucket/aws"`,
		a + `^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$`:                                                                  `a version such as "5.8.1"`,
		a + `^[A-Za-z0-9][A-Za-z0-9._/-]*$`:                                                                               `a branch, tag or commit such as "v1.2.0"`,
		a + `^[A-Za-z_][A-Za-z0-9_-]*$`:                                                                                   `the name of an output such as "bucket_arn"`,

		// fleet.cue
		a + `^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+\n-----END PUBLIC KEY-----\n?$`: `a public key as a PEM block`,
		a + `^[A-Za-z0-9*._:/-]*\*$`:                                               `images with a * at the end for what may differ, such as "registry.example.com/shop/*"`,
		a + `^https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+/?$`:                          `the address of a vault, such as "https://shop.vault.example.com"`,
		a + `^[a-z][-a-z0-9]{4,28}[a-z0-9]$`:                                       `the id of a project, such as "shop-prod"`,
		a + `^[0-9]+\.[0-9]+\.[0-9]+$`:                                             `a version of Spokewright such as "0.1.0"`,
		a + `^[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`: `a registry without a slash at its end, such as "registry.example.com/shop"`,
		a + `^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`:       `the namespace and name of a Secret, such as "argocd/git-credentials"`,
		a + `^[a-z0-9.-]+/v[0-9][a-z0-9]*$`:                                        `a group and a version, such as "example.com/v1"`,
		a + `^[A-Z][A-Za-z0-9]*$`:                                                  `the name of a kind, such as "Cluster"`,
		a + `^[A-Z][A-Za-z]*$`:                                                     `the name of a kind, such as "Database"`,
		a + `^[a-z0-9]+$`:                                                          `the plural of a kind in lower case, such as "clusters"`,
		a + `^[a-zA-Z]+(\.[a-zA-Z]+)*$`:                                            `a field of ours, such as "nodes.min"`,
		a + `^spec(\.[a-zA-Z0-9_-]+)+$`:                                            `a field of theirs, such as "spec.nodes.count"`,
	}
}
