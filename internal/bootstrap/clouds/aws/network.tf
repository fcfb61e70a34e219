# Three zones, each with a private subnet for nodes and a public one for load balancers. One NAT gateway serves all zones,
# since addresses are few in an account.

resource "aws_vpc" "vpc" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = { Name = var.id }
}

resource "aws_internet_gateway" "gateway" {
  vpc_id = aws_vpc.vpc.id
  tags   = { Name = var.id }
}

resource "aws_subnet" "private" {
  for_each                = var.private_subnets
  vpc_id                  = aws_vpc.vpc.id
  availability_zone       = var.zones[each.key]
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags                    = { Name = var.id, "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_subnet" "public" {
  for_each                = var.public_subnets
  vpc_id                  = aws_vpc.vpc.id
  availability_zone       = var.zones[each.key]
  cidr_block              = each.value
  map_public_ip_on_launch = true
  tags                    = { Name = var.id, "kubernetes.io/role/elb" = "1" }
}

resource "aws_eip" "address" {
  domain = "vpc"
  tags   = { Name = var.id }
}

resource "aws_nat_gateway" "nat" {
  allocation_id = aws_eip.address.id
  subnet_id     = aws_subnet.public["a"].id
  tags          = { Name = var.id }
  depends_on    = [aws_internet_gateway.gateway]
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.vpc.id
  tags   = { Name = var.id }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.vpc.id
  tags   = { Name = var.id }
}

resource "aws_route" "private-default" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.nat.id
}

resource "aws_route" "public-default" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.gateway.id
}

resource "aws_route_table_association" "private" {
  for_each       = var.private_subnets
  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private.id
}

resource "aws_route_table_association" "public" {
  for_each       = var.public_subnets
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}
