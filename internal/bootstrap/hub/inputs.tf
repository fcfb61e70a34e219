variable "id" {
  description = "What everything is named after"
  type        = string
}

variable "environment" {
  description = "The environment of the fleet that this hub is"
  type        = string
}

variable "region" {
  description = "The region"
  type        = string
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
