variable "account" {
  description = "The project"
  type        = string
}

variable "ranges" {
  description = "The ranges of nodes, pods and services, and of Google's own services"
  type        = object({ nodes = string, pods = string, services = string, google = string })
}
