"""As many kernels as there are places: one for each page that is open, ended when nobody looks at it any more."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Dict, Float, Integer

# The id of the kernel that a request is about to start; Voilà has no way to hand it on.
visit: ContextVar[str] = ContextVar("visit")


class KernelPool(AsyncMappingKernelManager):
    """Jupyter's manager of kernels, with a limit.

    Culling by idleness would not do: a run goes on, and is activity, when its page is gone.
    """

    visitors = Integer(10, help="kernels at once").tag(config=True)
    environment = Dict(help="of each kernel, beside the server's own").tag(config=True)
    first_grace = Float(300, help="seconds that a kernel waits for its page").tag(config=True)
    grace = Float(60, help="seconds that a kernel waits for a page that has lost it").tag(config=True)
    patience = Float(3, help="seconds that a request waits for a place: who reloads leaves and comes at once")
    patience.tag(config=True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self._taken: set[str] = set()
        self._freed = asyncio.Condition()
        self._ending: set[asyncio.Task[None]] = set()

    async def start_kernel(self, *, env: dict[str, str], **kwargs: Any) -> str:  # type: ignore[override]  # noqa: ANN401
        """Start the kernel of the present visit, or refuse it."""
        kernel_id = visit.get()
        await self._take(kernel_id)
        try:
            started: str = await super().start_kernel(kernel_id=kernel_id, env={**env, **self.environment}, **kwargs)
        except BaseException:
            self._taken.discard(kernel_id)
            await self._notify_freed()
            raise
        return started

    async def shutdown_kernel(self, kernel_id: str, **_: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        """End a kernel at once, as there is nothing in it to save; a page that leaves may ask for it twice."""
        if kernel_id in self._taken:
            self._taken.discard(kernel_id)
            await self._notify_freed()
            await super().shutdown_kernel(kernel_id, now=True)

    async def shutdown_all(self, **_: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        """End all kernels at once."""
        await super().shutdown_all(now=True)

    def remove_kernel(self, kernel_id: str) -> Any:  # noqa: ANN401
        """Forget a kernel, also one that died."""
        self._taken.discard(kernel_id)
        return super().remove_kernel(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        """A page has lost its kernel; it may come back."""
        super().notify_disconnect(kernel_id)
        self._end_unless_used(kernel_id, self.grace)

    def expect_page(self, kernel_id: str) -> None:
        """A page was sent; it should ask for its kernel."""
        self._end_unless_used(kernel_id, self.first_grace)

    def leave(self, kernel_id: str) -> None:
        """A visitor has left: end the kernel, unless that was done."""
        if kernel_id in self:
            task = asyncio.get_running_loop().create_task(self.shutdown_kernel(kernel_id))
            self._ending.add(task)  # the loop itself forgets tasks that nobody holds
            task.add_done_callback(self._ending.discard)

    def _end_unless_used(self, kernel_id: str, seconds: float) -> None:
        def end() -> None:
            if not self._kernel_connections.get(kernel_id):
                self.leave(kernel_id)

        asyncio.get_running_loop().call_later(seconds, end)

    async def _take(self, kernel_id: str) -> None:
        async with self._freed:
            free = self._freed.wait_for(lambda: len(self._taken) < self.visitors)
            try:
                await asyncio.wait_for(free, self.patience)
            except TimeoutError:
                raise HTTPError(503, f"all {self.visitors} places are taken") from None
            self._taken.add(kernel_id)

    async def _notify_freed(self) -> None:
        async with self._freed:
            self._freed.notify_all()
