variable "account" {
  description = "The number of the account"
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
