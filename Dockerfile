# The agent's image: one binary on a base without a shell. Both bases are arguments, for mirrors, other versions, and
# for the tests. Built with BuildKit; docs/image.md tells how.
ARG DENO_IMAGE=denoland/deno:2.9.6
ARG RUN_IMAGE=gcr.io/distroless/cc-debian12

# Always on the builder's own architecture: Deno compiles for another one without emulation.
FROM --platform=$BUILDPLATFORM ${DENO_IMAGE} AS build
ARG TARGETARCH
WORKDIR /src
COPY deno.json deno.lock main.ts worker.ts ./
COPY vendor vendor
COPY build build
COPY src src
RUN case "$TARGETARCH" in amd64) machine=x86_64 ;; arm64) machine=aarch64 ;; *) machine="$TARGETARCH" ;; esac; \
  deno task compile --profile daemonset --target "$machine-unknown-linux-gnu" --out /out/denotail
# What pipelines and progress are mounted on: with a read-only root nobody can make it later.
RUN mkdir -p /out/ilogtail/user_yaml_config.d /out/ilogtail/checkpoint

FROM ${RUN_IMAGE}
COPY --from=build /out/ilogtail /usr/local/ilogtail
COPY --from=build /out/denotail /usr/local/bin/denotail
ARG VERSION
ARG REVISION
ARG SOURCE
LABEL org.opencontainers.image.title="denotail" \
  org.opencontainers.image.description="Collects the logs of a Kubernetes node and delivers them to Kafka" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.source="$SOURCE" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
# Files of other users, the runtime's socket and its folders: user 0, who needs no capability but DAC_READ_SEARCH.
# A sidecar, which reads shared volumes only, runs as any other user.
USER 0:0
ENTRYPOINT ["/usr/local/bin/denotail"]
CMD ["run"]
