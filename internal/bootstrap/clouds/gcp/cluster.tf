# GKE with one pool of nodes. Access is granted by IAM alone, and workloads have identities of their own.

resource "google_service_account" "nodes" {
  account_id   = "spoke-${substr(sha1("${var.id}-nodes"), 0, 20)}"
  display_name = "nodes of ${var.id}"
}

resource "google_project_iam_member" "nodes-role" {
  project = var.account
  role    = "roles/container.defaultNodeServiceAccount"
  member  = google_service_account.nodes.member
}

resource "google_container_cluster" "cluster" {
  name                      = var.id
  location                  = var.region
  network                   = google_compute_network.network.id
  subnetwork                = google_compute_subnetwork.nodes.id
  min_master_version        = var.kubernetes
  networking_mode           = "VPC_NATIVE"
  datapath_provider         = "ADVANCED_DATAPATH"
  enable_shielded_nodes     = true
  remove_default_node_pool  = true
  initial_node_count        = 1
  default_max_pods_per_node = 64
  deletion_protection       = true

  release_channel {
    channel = "REGULAR"
  }

  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }

  ip_allocation_policy {
    cluster_secondary_range_name  = "pods"
    services_secondary_range_name = "services"
  }

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = var.private
    master_global_access_config {
      enabled = true
    }
  }

  master_authorized_networks_config {
    dynamic "cidr_blocks" {
      for_each = var.private ? ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] : ["0.0.0.0/0"]
      content {
        cidr_block = cidr_blocks.value
      }
    }
  }

  workload_identity_config {
    workload_pool = "${var.account}.svc.id.goog"
  }
}

# Where policies are judged: Google lets the control plane reach nodes at 443 and 10250 alone.
resource "google_compute_firewall" "webhooks" {
  name          = "${var.id}-webhooks"
  network       = google_compute_network.network.id
  direction     = "INGRESS"
  source_ranges = compact([var.ranges.network, google_container_cluster.cluster.private_cluster_config[0].master_ipv4_cidr_block])

  allow {
    protocol = "tcp"
    ports    = ["9443"]
  }
}

resource "google_container_node_pool" "workers" {
  name     = "${var.id}-workers"
  location = var.region
  cluster  = google_container_cluster.cluster.id

  autoscaling {
    total_min_node_count = var.nodes.min
    total_max_node_count = var.nodes.max
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  node_config {
    machine_type    = var.nodes.machine
    service_account = google_service_account.nodes.email
    oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }
  }

  depends_on = [google_compute_router_nat.nat, google_project_iam_member.nodes-role]
}

resource "terraform_data" "ready" {
  input      = google_container_cluster.cluster.name
  depends_on = [google_container_node_pool.workers]
}
