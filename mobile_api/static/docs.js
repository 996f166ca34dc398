// Shows /openapi.json with swagger-ui, which npm installed and we serve. Nothing leaves this machine: no validator badge.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", validatorUrl: null, deepLinking: true });
