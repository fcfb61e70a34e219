output "issuer" {
  description = "Whom the accounts trust that this hub works in"
  value       = "https://container.googleapis.com/v1/${google_container_cluster.cluster.id}"
}

output "adopt" {
  description = "What cluster.adopt.externalName in the hub's spec says, to have Crossplane look at the cluster"
  value       = google_container_cluster.cluster.name
}

output "names" {
  description = "What the cloud calls the parts of the network: environments/HUB.names.cue"
  value       = <<-EOT
    // What the cloud calls the parts of this environment, as its bootstrap made them.
    names: {
    	environment: ${jsonencode(var.environment)}
    	network: peering: ${jsonencode(google_service_networking_connection.peering.id)}
    }
  EOT
}
