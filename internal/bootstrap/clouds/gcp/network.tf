# One subnet, which spans the region's zones, with ranges for pods and services, and a range for Google's own services.

resource "google_compute_network" "network" {
  name                    = "${var.id}-network"
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"
}

resource "google_compute_subnetwork" "nodes" {
  name                     = "${var.id}-nodes"
  region                   = var.region
  network                  = google_compute_network.network.id
  ip_cidr_range            = var.ranges.nodes
  private_ip_google_access = true

  secondary_ip_range {
    range_name    = "pods"
    ip_cidr_range = var.ranges.pods
  }

  secondary_ip_range {
    range_name    = "services"
    ip_cidr_range = var.ranges.services
  }
}

resource "google_compute_router" "router" {
  name    = "${var.id}-router"
  region  = var.region
  network = google_compute_network.network.id
}

resource "google_compute_router_nat" "nat" {
  name                               = "${var.id}-nat"
  region                             = var.region
  router                             = google_compute_router.router.name
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}

resource "google_compute_global_address" "google" {
  name          = "${var.id}-google"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  network       = google_compute_network.network.id
  address       = split("/", var.ranges.google)[0]
  prefix_length = tonumber(split("/", var.ranges.google)[1])
}

resource "google_service_networking_connection" "peering" {
  network                 = google_compute_network.network.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.google.name]
}
