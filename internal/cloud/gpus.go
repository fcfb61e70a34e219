package cloud

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// GPU is a GPU that a cloud has for nodes. Whether a region has it is not known here: a pool of nodes names its zones.
type GPU struct {
	Cloud, Kind string
	// Machines are the machine types by the number of GPUs that each has.
	Machines map[int64]string
	// Accelerator is what the cloud calls the GPU itself, where it wants to be told beside the machine.
	Accelerator string
	Read
}

func (g GPU) says() string {
	var all []string
	for _, number := range g.Numbers() {
		all = append(all, fmt.Sprintf("%d: %s", number, g.Machines[number]))
	}
	return strings.Join(all, ", ")
}

// Numbers are how many of the GPU a node can have, the smallest first.
func (g GPU) Numbers() []int64 { return slices.Sorted(maps.Keys(g.Machines)) }

// GPUOf is a GPU of a cloud; false for one that it does not have for nodes.
func GPUOf(cloud, kind string) (GPU, bool) {
	for _, gpu := range GPUs() {
		if gpu.Cloud == cloud && gpu.Kind == kind {
			return gpu, true
		}
	}
	return GPU{}, false
}

// GPUKinds are the GPUs of a cloud, in the order of their names.
func GPUKinds(cloud string) []string {
	var kinds []string
	for _, gpu := range GPUs() {
		if gpu.Cloud == cloud {
			kinds = append(kinds, gpu.Kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// GPUs are those of all clouds, with one machine type for each number.
func GPUs() []GPU {
	aws := Read{"https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html", "2026-11-30"}
	azure := Read{"https://learn.microsoft.com/azure/virtual-machines/sizes/overview", "2026-11-30"}
	gcp := Read{"https://cloud.google.com/compute/docs/gpus", "2026-11-30"}
	return []GPU{
		{"aws", "t4", map[int64]string{1: "g4dn.2xlarge", 4: "g4dn.12xlarge", 8: "g4dn.metal"}, "", aws},
		{"aws", "a10g", map[int64]string{1: "g5.2xlarge", 4: "g5.12xlarge", 8: "g5.48xlarge"}, "", aws},
		{"aws", "l4", map[int64]string{1: "g6.2xlarge", 4: "g6.12xlarge", 8: "g6.48xlarge"}, "", aws},
		{"aws", "l40s", map[int64]string{1: "g6e.2xlarge", 4: "g6e.12xlarge", 8: "g6e.48xlarge"}, "", aws},
		{"aws", "a100", map[int64]string{8: "p4d.24xlarge"}, "", aws},
		{"aws", "h100", map[int64]string{8: "p5.48xlarge"}, "", aws},
		{"azure", "t4", map[int64]string{1: "Standard_NC8as_T4_v3", 4: "Standard_NC64as_T4_v3"}, "", azure},
		{"azure", "a10", map[int64]string{1: "Standard_NV36ads_A10_v5", 2: "Standard_NV72ads_A10_v5"}, "", azure},
		{"azure", "a100", map[int64]string{1: "Standard_NC24ads_A100_v4", 2: "Standard_NC48ads_A100_v4", 4: "Standard_NC96ads_A100_v4"}, "", azure},
		{"azure", "h100", map[int64]string{1: "Standard_NC40ads_H100_v5", 2: "Standard_NC80adis_H100_v5"}, "", azure},
		{"gcp", "t4", map[int64]string{1: "n1-standard-8", 2: "n1-standard-16", 4: "n1-standard-32"}, "nvidia-tesla-t4", gcp},
		{"gcp", "l4", map[int64]string{1: "g2-standard-8", 2: "g2-standard-24", 4: "g2-standard-48", 8: "g2-standard-96"}, "nvidia-l4", gcp},
		{"gcp", "a100", map[int64]string{1: "a2-highgpu-1g", 2: "a2-highgpu-2g", 4: "a2-highgpu-4g", 8: "a2-highgpu-8g"}, "nvidia-tesla-a100", gcp},
		{"gcp", "h100", map[int64]string{8: "a3-highgpu-8g"}, "nvidia-h100-80gb", gcp},
	}
}
