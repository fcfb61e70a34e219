output "issuer" {
  description = "Whom the accounts trust that this hub works in"
  value       = azurerm_kubernetes_cluster.cluster.oidc_issuer_url
}

output "adopt" {
  description = "What cluster.adopt.externalName in the hub's spec says, to have Crossplane look at the cluster"
  value       = "${azurerm_resource_group.cluster-group.name}/${azurerm_kubernetes_cluster.cluster.name}"
}

locals {
  names = {
    nat-address = azurerm_nat_gateway_public_ip_association.nat-address.id
    nat-nodes   = azurerm_subnet_nat_gateway_association.nat-nodes.id
  }
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
