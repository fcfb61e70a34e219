# What Pods of Argo CD wait for, where the fleet gives them a plugin.
resource "helm_release" "before" {
  count            = fileexists("${path.module}/before/Chart.yaml") ? 1 : 0
  name             = "before"
  namespace        = "argocd"
  create_namespace = true
  chart            = "${path.module}/before"
  depends_on       = [terraform_data.ready]
}

# Argo CD as the fleet itself runs it later: the chart and the values of bases/hub. From then on it looks after itself.
resource "helm_release" "argocd" {
  name             = var.argocd.release
  namespace        = "argocd"
  create_namespace = true
  repository       = var.argocd.repository
  chart            = var.argocd.chart
  version          = var.argocd.version
  values           = [file("${path.module}/argocd.yaml")]
  timeout          = 900
  depends_on       = [terraform_data.ready, helm_release.before]
}

# The one Application that brings all the rest from Git.
resource "helm_release" "root" {
  name       = "root"
  namespace  = "argocd"
  chart      = "${path.module}/start"
  depends_on = [helm_release.argocd]
}
