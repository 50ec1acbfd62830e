// Starts the service worker, which keeps the App for when there is no connection, and offers its next version.

const offer = (worker) => {
  const toast = document.getElementById("update");
  toast.hidden = false;
  toast.querySelector("button").addEventListener("click", () => worker.postMessage("use"), { once: true });
};

export const keepOffline = async (address) => {
  const container = navigator.serviceWorker;
  if (!container) return;
  // The first worker of a device replaces none, and nothing has to be read again for it.
  const hadOne = Boolean(container.controller);
  container.addEventListener("controllerchange", () => { if (hadOne) location.reload(); });
  try {
    const registration = await container.register(address, { updateViaCache: "none" });
    if (registration.waiting && hadOne) offer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const next = registration.installing;
      next.addEventListener("statechange", () => { if (next.state === "installed" && hadOne) offer(next); });
    });
  } catch { /* Without a worker the App needs a connection. */ }
};
