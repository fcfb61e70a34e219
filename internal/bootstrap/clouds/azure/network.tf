# A subnet for nodes, which spans the region's zones, with a NAT gateway, and one with a private DNS zone for each kind of
# managed database.

resource "azurerm_resource_group" "network-group" {
  name     = "${var.id}-network"
  location = var.region
}

resource "azurerm_virtual_network" "network" {
  name                = "${var.id}-network"
  location            = var.region
  resource_group_name = azurerm_resource_group.network-group.name
  address_space       = [var.cidr]
}

resource "azurerm_subnet" "nodes" {
  name                 = "${var.id}-nodes"
  resource_group_name  = azurerm_resource_group.network-group.name
  virtual_network_name = azurerm_virtual_network.network.name
  address_prefixes     = [var.ranges.nodes]
}

resource "azurerm_public_ip" "address" {
  name                = "${var.id}-address"
  location            = var.region
  resource_group_name = azurerm_resource_group.network-group.name
  allocation_method   = "Static"
  sku                 = "Standard"
}

resource "azurerm_nat_gateway" "nat" {
  name                = "${var.id}-nat"
  location            = var.region
  resource_group_name = azurerm_resource_group.network-group.name
  sku_name            = "Standard"
}

resource "azurerm_nat_gateway_public_ip_association" "nat-address" {
  nat_gateway_id       = azurerm_nat_gateway.nat.id
  public_ip_address_id = azurerm_public_ip.address.id
}

resource "azurerm_subnet_nat_gateway_association" "nat-nodes" {
  nat_gateway_id = azurerm_nat_gateway.nat.id
  subnet_id      = azurerm_subnet.nodes.id
}

resource "azurerm_subnet" "postgres" {
  name                 = "${var.id}-postgres"
  resource_group_name  = azurerm_resource_group.network-group.name
  virtual_network_name = azurerm_virtual_network.network.name
  address_prefixes     = [var.ranges.postgres]

  delegation {
    name = "postgres"
    service_delegation {
      name    = "Microsoft.DBforPostgreSQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_subnet" "mysql" {
  name                 = "${var.id}-mysql"
  resource_group_name  = azurerm_resource_group.network-group.name
  virtual_network_name = azurerm_virtual_network.network.name
  address_prefixes     = [var.ranges.mysql]

  delegation {
    name = "mysql"
    service_delegation {
      name    = "Microsoft.DBforMySQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_private_dns_zone" "zone" {
  for_each            = toset(["postgres", "mysql"])
  name                = "${var.id}.${each.key}.database.azure.com"
  resource_group_name = azurerm_resource_group.network-group.name
}

resource "azurerm_private_dns_zone_virtual_network_link" "link" {
  for_each              = toset(["postgres", "mysql"])
  name                  = "${var.id}-${each.key}-link"
  resource_group_name   = azurerm_resource_group.network-group.name
  private_dns_zone_name = azurerm_private_dns_zone.zone[each.key].name
  virtual_network_id    = azurerm_virtual_network.network.id
}
