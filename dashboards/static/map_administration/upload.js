// A file on its way to the server, with its progress; fetch cannot tell how much has left.
import { Problem, Unreachable } from "/static/shared/api.js";

/** upload(file, {kind, choices}, onProgress(sent, total)) resolves with the job. Throws Problem or Unreachable. */
export function upload(file, { kind, choices = null }, onProgress) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("kind", kind);
    if (choices) form.append("choices", JSON.stringify(choices));
    form.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/imports");
    request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]')?.content ?? "");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded, event.lengthComputable ? event.total : file.size));
    request.addEventListener("error", () => reject(new Unreachable()));
    request.addEventListener("load", () => {
      let data = {};
      try {
        data = JSON.parse(request.responseText);
      } catch {
        data = {};
      }
      if (request.status === 201) resolve(data);
      else reject(new Problem(request.status, data));
    });
    request.send(form);
  });
}
