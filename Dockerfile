# One static program and nothing else. By itself it is a KRM container function: a ResourceList on stdin, one on stdout.
# As the sidecar of Argo CD's repo-server it is started as argocd-cmp-server, which finds `spokewright cmp` on PATH.
# make image builds it for amd64 and arm64.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
WORKDIR /source
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make binary-$TARGETOS-$TARGETARCH && mv bin/spokewright-$TARGETOS-$TARGETARCH /spokewright

FROM scratch
COPY --from=build --chmod=0755 /spokewright /usr/local/bin/spokewright
ENV PATH=/usr/local/bin
# The user that Argo CD's own containers run as; a number, so that runAsNonRoot can be checked.
USER 999:999
WORKDIR /
ENTRYPOINT ["/usr/local/bin/spokewright"]
CMD ["fn"]
