output "issuer" {
  description = "Whom the accounts trust that this hub works in"
  value       = aws_eks_cluster.cluster.identity[0].oidc[0].issuer
}

output "adopt" {
  description = "What cluster.adopt.externalName in the hub's spec says, to have Crossplane look at the cluster"
  value       = aws_eks_cluster.cluster.name
}

locals {
  names = merge(
    {
      address = aws_eip.address.id
      gateway = aws_internet_gateway.gateway.id
      nat     = aws_nat_gateway.nat.id
      private = aws_route_table.private.id
      public  = aws_route_table.public.id
      vpc     = aws_vpc.vpc.id
    },
    { for zone, subnet in aws_subnet.private : "private-${zone}" => subnet.id },
    { for zone, subnet in aws_subnet.public : "public-${zone}" => subnet.id },
    { for zone, link in aws_route_table_association.private : "private-${zone}-routes" => link.id },
    { for zone, link in aws_route_table_association.public : "public-${zone}-routes" => link.id },
  )
}

output "names" {
  description = "What the cloud calls the parts of the network: environments/HUB.names.cue"
  value       = <<-EOT
    // What the cloud calls the parts of this environment, as its bootstrap made them.
    names: {
    	environment: ${jsonencode(var.environment)}
    	network: ${jsonencode(local.names)}
    }
  EOT
}
