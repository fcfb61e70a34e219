variable "account" {
  description = "The subscription"
  type        = string
}

variable "tenant" {
  description = "The tenant"
  type        = string
}

variable "zones" {
  description = "The zones of the region that nodes are spread over; none where it has none"
  type        = list(string)
}

variable "cidr" {
  description = "The range of the network"
  type        = string
}

variable "ranges" {
  description = "The ranges of nodes, and of each kind of managed database"
  type        = object({ nodes = string, postgres = string, mysql = string })
}
