/** The page from which citizens ring. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "../ui/theme.css";
import "./call.css";
import { CallPage } from "./CallPage";
import { told } from "./told";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <CallPage told={told()} />
  </StrictMode>,
);
