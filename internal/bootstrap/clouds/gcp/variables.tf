variable "account" {
  description = "The project"
  type        = string
}

variable "ranges" {
  description = "The range of the network, and in it those of nodes, pods and services, and of Google's own services"
  type        = object({ network = string, nodes = string, pods = string, services = string, google = string })
}
