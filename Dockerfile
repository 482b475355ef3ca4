# One image for every command: gateway, projector, orders, users, start.
FROM node:24.22.3-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json ./
# A workspace: npm links it, and wants to read its name.
COPY shared/curfew-guard/package.json shared/curfew-guard/
# No package needs its install script, so none runs.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY LICENSE ./
COPY services services
COPY shared shared
# Named volumes take owner and mode from here: keys are refused when others could write beside them.
RUN install -d -o node -g node -m 700 /data /keys /log-mac
USER node
ENV CURFEW_HOST=0.0.0.0 CURFEW_DATA_DIR=/data
EXPOSE 3000 3001
ENTRYPOINT ["node", "services/cli/curfew.mjs"]
CMD ["start"]
