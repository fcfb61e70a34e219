variable "id" {
  description = "What everything is named after"
  type        = string
}

variable "environment" {
  description = "The environment of the fleet that this hub is"
  type        = string
}

variable "account" {
  description = "The number of the account"
  type        = string
}

variable "region" {
  description = "The region"
  type        = string
}

variable "cidr" {
  description = "The range of the network"
  type        = string
}

variable "private_subnets" {
  description = "The ranges of the subnets for nodes, by zone"
  type        = map(string)
}

variable "public_subnets" {
  description = "The ranges of the subnets for load balancers, by zone"
  type        = map(string)
}

variable "zones" {
  description = "What the region calls its zones"
  type        = map(string)
}

variable "kubernetes" {
  description = "The version of Kubernetes"
  type        = string
}

variable "private" {
  description = "Whether the API answers in private networks only"
  type        = bool
}

variable "nodes" {
  description = "The worker nodes"
  type        = object({ min = number, max = number, machine = string })
}

variable "argocd" {
  description = "The chart of Argo CD, as the fleet has it"
  type        = object({ release = string, repository = string, chart = string, version = string })
}
