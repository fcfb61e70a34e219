package cloud

import "slices"

// of is a cloud's regions.
type of struct {
	Cloud string
	Names []string
	Read
}

// few are the regions of a cloud that have fewer than three zones.
type few struct {
	Cloud   string
	Zones   int
	Regions []string
	Read
}

// Regions are those of the public clouds, by cloud.
func Regions() map[string][]string {
	all := map[string][]string{}
	for _, known := range regions() {
		all[known.Cloud] = known.Names
	}
	return all
}

// Zones counts the zones of a region in which a new account can make something: three where nothing else is known, for
// no more are used.
func Zones(cloud, region string) int {
	for _, few := range zones() {
		if few.Cloud == cloud && slices.Contains(few.Regions, region) {
			return few.Zones
		}
	}
	return 3
}

// Zoneless are the regions of a cloud that have no zones.
func Zoneless(cloud string) []string { return withZones(cloud, 0) }

// withZones are the regions of a cloud that have so many zones, fewer than three.
func withZones(cloud string, zonesOf int) []string {
	for _, few := range zones() {
		if few.Cloud == cloud && few.Zones == zonesOf {
			return few.Regions
		}
	}
	return nil
}

func regions() []of {
	return []of{
		{"aws", []string{
			"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
			"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
			"ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1",
			"eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2",
			"us-west-1", "us-west-2",
		}, Read{"the partition aws in https://github.com/aws/aws-sdk-go-v2/blob/v1.43.0/internal/endpoints/awsrulesfn/partitions.json", "2026-11-28"}},
		{"azure", []string{
			"australiacentral", "australiacentral2", "australiaeast", "australiasoutheast", "austriaeast", "belgiumcentral",
			"brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast", "centralindia", "centralus", "chilecentral", "eastasia",
			"eastus", "eastus2", "francecentral", "francesouth", "germanynorth", "germanywestcentral", "indonesiacentral",
			"israelcentral", "italynorth", "japaneast", "japanwest", "koreacentral", "koreasouth", "malaysiawest", "mexicocentral",
			"newzealandnorth", "northcentralus", "northeurope", "norwayeast", "norwaywest", "polandcentral", "qatarcentral",
			"southafricanorth", "southafricawest", "southcentralus", "southeastasia", "southindia", "spaincentral", "swedencentral",
			"switzerlandnorth", "switzerlandwest", "uaecentral", "uaenorth", "uksouth", "ukwest", "westcentralus", "westeurope",
			"westindia", "westus", "westus2", "westus3",
		}, Read{"https://learn.microsoft.com/azure/reliability/regions-list", "2026-11-28"}},
		{"gcp", []string{
			"africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2", "asia-northeast3", "asia-south1",
			"asia-south2", "asia-southeast1", "asia-southeast2", "australia-southeast1", "australia-southeast2", "europe-central2",
			"europe-north1", "europe-north2", "europe-southwest1", "europe-west1", "europe-west10", "europe-west12", "europe-west2",
			"europe-west3", "europe-west4", "europe-west6", "europe-west8", "europe-west9", "me-central1", "me-central2", "me-west1",
			"northamerica-northeast1", "northamerica-northeast2", "northamerica-south1", "southamerica-east1", "southamerica-west1",
			"us-central1", "us-east1", "us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4",
		}, Read{"https://cloud.google.com/compute/docs/regions-zones", "2026-11-28"}},
	}
}

func zones() []few {
	return []few{
		{"aws", 2, []string{"us-west-1"}, Read{"https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html", "2026-11-28"}},
		{"azure", 0, []string{
			"australiacentral", "australiacentral2", "australiasoutheast", "brazilsoutheast", "canadaeast", "francesouth", "germanynorth",
			"koreasouth", "northcentralus", "norwaywest", "southafricawest", "southindia", "switzerlandwest", "uaecentral", "ukwest",
			"westcentralus", "westindia", "westus",
		}, Read{"https://learn.microsoft.com/azure/reliability/regions-list", "2026-11-28"}},
	}
}
