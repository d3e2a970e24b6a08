# Not tried with an engine: the commands are those of the README and the scripts of package.json.
FROM node:26-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build && mkdir /pack && cd dist && npm pack --pack-destination /pack

FROM node:26-slim
COPY --from=build /pack/runstate-*.tgz /pack/
RUN npm install --global --omit=dev /pack/runstate-*.tgz && rm /pack/runstate-*.tgz \
  && install --directory --owner node --group node --mode 700 /data
USER node
VOLUME /data
ENV RUNSTATE_DATA=/data RUNSTATE_HOST=0.0.0.0
EXPOSE 8443
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD \
  ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["runstate", "serve"]
