import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Everything is a file of our own origin: the pages' policy allows no inline script or style (web/pages.py).
export default defineConfig({
  base: "/desk/",
  plugins: [react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What the house works with, and the page from which citizens ring (web/webcalls.py).
    rollupOptions: { input: ["index.html", "call.html"] },
  },
});
