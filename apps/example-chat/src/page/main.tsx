import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { NoukaiProvider } from "@noukai/react";
import { assistant } from "./assistant.ts";
import { Chat } from "./chat.tsx";
import "./styles.css";

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <NoukaiProvider relay={assistant}>
      <Chat />
    </NoukaiProvider>
  </StrictMode>,
);
