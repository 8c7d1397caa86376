# One image for every role: docker run <image> fanout | api | worker
# not slim: this one has the C compiler for the native part
FROM node:24.21.0-bookworm AS build
WORKDIR /flashwire
COPY package.json package-lock.json ./
RUN npm install --no-save --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /flashwire
COPY --from=build /flashwire/package.json /flashwire/flashwire.config.json ./
COPY --from=build /flashwire/node_modules node_modules
COPY --from=build /flashwire/dist dist
USER node
EXPOSE 8080
# exec form: the process is pid 1 and hears SIGTERM
ENTRYPOINT ["node", "--max-semi-space-size=4", "--heap-growing-percent=100", "--enable-source-maps", "dist/src/main.js"]
CMD ["fanout"]
