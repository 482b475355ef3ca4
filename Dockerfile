# One image for every command: gateway, projector, auditor, orders, users, start.
FROM node:24.22.3-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# A workspace: npm links it, and wants to read its name.
COPY shared/curfew-guard/package.json shared/curfew-guard/
# No package needs its install script, so none runs.
RUN npm ci --ignore-scripts
COPY LICENSE ./
COPY .ci .ci
COPY services services
COPY shared shared
# What npm would publish: built code, and no sources.
RUN npm pack --silent && mkdir /package && tar xzf curfew-*.tgz -C /package --strip=1

FROM node:24.22.3-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/curfew-guard/package.json shared/curfew-guard/
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY --from=build /package ./
# Named volumes take owner and mode from here: keys are refused when others could write beside them.
RUN install -d -o node -g node -m 700 /data /keys /log-mac /events-mac \
  /audit-key /trail
USER node
ENV CURFEW_HOST=0.0.0.0 CURFEW_DATA_DIR=/data
EXPOSE 3000 3001
ENTRYPOINT ["node", "services/cli/curfew.mjs"]
CMD ["start"]
