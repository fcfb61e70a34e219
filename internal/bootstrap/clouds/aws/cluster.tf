# EKS with one group of nodes in the private subnets. Access is granted by IAM alone, first to whoever applies this.

resource "aws_iam_role" "control-plane" {
  name                  = "${var.id}-control-plane"
  force_detach_policies = true
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole"], Principal = { Service = "eks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "control-plane" {
  for_each   = toset(["AmazonEKSClusterPolicy"])
  role       = aws_iam_role.control-plane.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_iam_role" "nodes" {
  name                  = "${var.id}-nodes"
  force_detach_policies = true
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole"], Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each   = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"])
  role       = aws_iam_role.nodes.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_eks_cluster" "cluster" {
  name                      = var.id
  role_arn                  = aws_iam_role.control-plane.arn
  version                   = var.kubernetes
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
  deletion_protection       = true

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = true
  }

  upgrade_policy {
    support_type = "STANDARD"
  }

  vpc_config {
    endpoint_private_access = true
    endpoint_public_access  = !var.private
    subnet_ids              = [for zone, subnet in aws_subnet.private : subnet.id]
  }

  depends_on = [aws_iam_role_policy_attachment.control-plane]
}

resource "aws_eks_node_group" "workers" {
  cluster_name    = aws_eks_cluster.cluster.name
  node_group_name = "${var.id}-workers"
  node_role_arn   = aws_iam_role.nodes.arn
  subnet_ids      = [for zone, subnet in aws_subnet.private : subnet.id]
  version         = var.kubernetes
  ami_type        = "AL2023_x86_64_STANDARD"
  instance_types  = [var.nodes.machine]

  scaling_config {
    min_size     = var.nodes.min
    max_size     = var.nodes.max
    desired_size = var.nodes.min
  }

  update_config {
    max_unavailable_percentage = 33
  }

  # Nodes join through the NAT gateway.
  depends_on = [aws_iam_role_policy_attachment.nodes, aws_route.private-default, aws_route_table_association.private]

  # How many there are is the autoscaler's business after the first day.
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }
}

resource "aws_iam_role" "storage" {
  name                  = "${var.id}-storage"
  force_detach_policies = true
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole", "sts:TagSession"], Principal = { Service = "pods.eks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "storage" {
  for_each   = toset(["service-role/AmazonEBSCSIDriverPolicy"])
  role       = aws_iam_role.storage.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_eks_pod_identity_association" "storage" {
  cluster_name    = aws_eks_cluster.cluster.name
  namespace       = "kube-system"
  service_account = "ebs-csi-controller-sa"
  role_arn        = aws_iam_role.storage.arn
}

resource "aws_eks_addon" "addons" {
  for_each                    = toset(["vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "aws-ebs-csi-driver"])
  cluster_name                = aws_eks_cluster.cluster.name
  addon_name                  = each.key
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"
  depends_on                  = [aws_eks_node_group.workers, aws_eks_pod_identity_association.storage]
}

# Accounts that trust the hub trust this issuer.
resource "aws_iam_openid_connect_provider" "issuer" {
  url            = aws_eks_cluster.cluster.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

resource "terraform_data" "ready" {
  input      = aws_eks_cluster.cluster.name
  depends_on = [aws_eks_addon.addons]
}
