# syntax=docker/dockerfile:1
# The image of agent and webhook: node, the sources, what they depend on, and the C library. No shell, no package manager.
#
#   docker buildx build --platform linux/amd64,linux/arm64 -t procview .
#
# `npm run image` builds the same without Docker and without a registry, on bases of the same names made from Debian
# packages.

FROM node:24-bookworm AS build
WORKDIR /procview
ARG npm_config_registry
ARG NODE_EXTRA_CA_CERTS
COPY package.json package-lock.json .npmrc* ./
# Typings and source maps are for who develops, bare-* has programs for another runtime; symbols of node are a seventh of the
# image.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --prefer-offline --no-audit --no-fund \
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.md' \) -delete \
 && rm -rf node_modules/bare-*/prebuilds \
 && mkdir /image-bin \
 && strip -o /image-bin/node /usr/local/bin/node \
 && ln -s /procview/cli/procview.js /image-bin/procview
COPY . .
# No env(1) will be there to find node; and nothing can be compiled at run time, where the root is read-only.
RUN sed -i '1s,.*,#!/usr/local/bin/node,' cli/procview.js \
 && npm run --silent build:keeper \
 && node packaging/image/warm-compile-cache.ts

FROM gcr.io/distroless/cc-debian12
COPY --from=build /image-bin/ /usr/local/bin/
COPY --from=build /procview /procview
# Objects of a review, or of a round, are gone before the next: a small nursery is enough, and saves 90 MiB.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=2
# The webhook needs no more; whoever runs an agent says so: it is root.
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/procview"]
