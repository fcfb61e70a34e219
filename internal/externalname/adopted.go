package externalname

import "regexp"

// Form is what the cloud's name of something looks like that a claim adopts.
type Form struct {
	Match *regexp.Regexp
	Says  string
}

// Adopted is the form of the name by which the composition for what exists already finds it: kind is "Cluster" or "Database".
func Adopted(cloud, kind string) Form {
	form := map[string][2]string{
		"aws/Cluster": {`^[0-9A-Za-z][0-9A-Za-z_-]*$`, `the name of a cluster of EKS, such as "shop"`},
		// The provider's name is the resource id, not the identifier that people know.
		"aws/Database":   {`^db-[0-9A-Z]+$`, `the resource id of an instance of RDS, such as "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", which aws rds describe-db-instances shows as DbiResourceId`},
		"azure/Cluster":  {`^[^/]+/[^/]+$`, `the resource group and the name of a cluster of AKS, such as "shop/shop-by-hand"`},
		"azure/Database": {`^[^/]+/[^/]+$`, `the resource group and the name of a flexible server, such as "shop/shop-orders"`},
		"gcp/Cluster":    {`^[a-z]([-a-z0-9]*[a-z0-9])?$`, `the name of a cluster of GKE, such as "shop"`},
		"gcp/Database":   {`^[a-z]([-a-z0-9]*[a-z0-9])?$`, `the name of an instance of Cloud SQL, such as "shop-orders"`},
	}[cloud+"/"+kind]
	return Form{regexp.MustCompile(form[0]), form[1]}
}
