# AKS with one pool of nodes. Access is granted by Azure's roles alone, first to whoever applies this.

data "azurerm_client_config" "installer" {}

resource "azurerm_resource_group" "cluster-group" {
  name     = "${var.id}-cluster"
  location = var.region
}

resource "azurerm_user_assigned_identity" "control-plane" {
  name                = "${var.id}-control-plane"
  location            = var.region
  resource_group_name = azurerm_resource_group.cluster-group.name
}

resource "azurerm_role_assignment" "control-plane-network" {
  scope                = azurerm_resource_group.network-group.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.control-plane.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_kubernetes_cluster" "cluster" {
  name                                = var.id
  location                            = var.region
  resource_group_name                 = azurerm_resource_group.cluster-group.name
  kubernetes_version                  = var.kubernetes
  dns_prefix                          = var.id
  sku_tier                            = "Standard"
  oidc_issuer_enabled                 = true
  workload_identity_enabled           = true
  local_account_disabled              = true
  private_cluster_enabled             = var.private
  private_cluster_public_fqdn_enabled = var.private

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
    tenant_id          = var.tenant
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.control-plane.id]
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium"
    network_policy      = "cilium"
    outbound_type       = "userAssignedNATGateway"
    load_balancer_sku   = "standard"
    pod_cidr            = "100.64.0.0/12"
    service_cidr        = "100.80.0.0/16"
    dns_service_ip      = "100.80.0.10"
  }

  default_node_pool {
    name                        = "workers"
    temporary_name_for_rotation = "rotation"
    auto_scaling_enabled        = true
    min_count                   = var.nodes.min
    max_count                   = var.nodes.max
    vm_size                     = var.nodes.machine
    vnet_subnet_id              = azurerm_subnet.nodes.id
    zones                       = var.zones
    upgrade_settings {
      max_surge = "33%"
    }
  }

  depends_on = [azurerm_role_assignment.control-plane-network, azurerm_subnet_nat_gateway_association.nat-nodes, azurerm_nat_gateway_public_ip_association.nat-address]
}

resource "azurerm_role_assignment" "installer" {
  scope                = azurerm_kubernetes_cluster.cluster.id
  role_definition_name = "Azure Kubernetes Service RBAC Cluster Admin"
  principal_id         = data.azurerm_client_config.installer.object_id
}

resource "terraform_data" "ready" {
  input      = azurerm_kubernetes_cluster.cluster.name
  depends_on = [azurerm_role_assignment.installer]
}
