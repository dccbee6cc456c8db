"""Two labs beside each other from Python: what both share, what each keeps, and what is refused."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
import torch
from widget_page import with_pages

import cartoonx_widgets as cx
from cartoonx_widgets.representations import Pixel


class OfBrightPictures(Pixel):
    """A representation of somebody's own, which refuses some pictures."""

    def transform(self, size, **settings):
        """Return the transform for images of this size."""
        made = super().transform(size, **settings)
        analyse = made.analyse

        def checked(images):
            if float(images.max()) == 0:
                raise ValueError("this picture is too dark")
            return analyse(images)

        made.analyse = checked
        return made


@pytest.fixture
def lab():
    """Make labs of small pictures."""

    def make(image="figures", **settings):
        return cx.sparsity_lab(image, **{"size": 64, "representation": "haar", **settings})

    with with_pages(make) as lab:
        yield lab


@pytest.fixture
def pair(lab):
    """Two labs of the same settings beside each other."""
    one = lab()
    assert one.page.ask(type="open_beside")["beside"]["model"] == one.beside.model_id
    return one, one.beside


def test_a_copy_has_the_picture_and_all_settings_and_goes_its_own_way(lab):
    one = lab(torch.rand(3, 64, 64), representation="db2")
    one.show(torch.rand(3, 64, 64), name="mine")
    one.levels, one.kept, one.bands_off = 1, 321, {"d1"}
    one.denoising = {"sigma": 0.2, "kind": "hard", "by_scale": {1: 2.0}}
    other = one.copy()
    for name in ("representation", "levels", "kept", "bands_off", "photograph", "denoising", "psnr"):
        assert getattr(other, name) == getattr(one, name), name
    assert torch.equal(other.image, one.image)
    assert torch.equal(other.approximation, one.approximation)
    assert torch.equal(other.denoised["representation"], one.denoised["representation"])
    other.levels, other.kept, other.denoising = 2, 5, None
    assert (one.levels, one.kept) == (1, 321)
    assert one.denoising is not None
    other.close()


def test_picture_and_k_are_of_both_and_the_rest_is_not(pair):
    one, other = pair
    for leader, follower in (pair, pair[::-1]):
        leader.kept = 77 + leader.kept
        assert follower.kept == leader.kept
        leader.show("camera" if leader is one else "edge")
        assert torch.equal(follower.image, leader.image)
        assert follower.photograph == leader.photograph
    other.representation, other.levels, other.bands_off = "db2", 1, {"d1"}
    other.denoising = {"kind": "hard"}
    assert (one.representation.wavelet, one.bands_off, one.denoising) == ("haar", frozenset(), None)
    assert one.levels > 1
    one.denoising = {"kind": "soft", "sigma": 0.3}
    assert other.denoising["sigma"] == 0.3
    assert other.denoising["kind"] == "hard"
    assert torch.equal(one.denoised["noisy"], other.denoised["noisy"])


def test_what_is_not_shared_stays_and_comes_back(pair):
    one, other = pair
    one.page.send(type="share", picture=False, k=False)
    other.show("edge")
    other.kept = 9
    assert one.photograph == "figures"
    assert one.kept != 9
    one.same_k = True
    assert other.kept == one.kept
    assert other.photograph == "edge"
    one.same_picture = True
    assert other.photograph == "figures"


def test_a_representation_with_fewer_numbers_keeps_what_it_has(pair):
    one, other = pair
    other.representation = "dual-tree"
    other.kept = other.n
    assert one.kept == one.n < other.n == other.kept
    one.kept = 10
    assert other.kept == 10


def test_what_is_alike_when_two_labs_meet_stays_alike_and_the_rest_is_left(lab):
    one, other = lab(), lab("camera")
    one.beside = other
    assert (one.same_picture, one.same_k, other.photograph) == (False, True, "camera")
    one.kept = 12
    assert other.kept == 12
    one.beside = lab()
    assert other.comm is None
    assert one.same_picture


def test_a_lab_goes_with_the_one_on_its_left_and_leaves_it(pair):
    one, other = pair
    assert one.page.ask(type="close_beside")["beside"]["model"] is None
    assert (one.beside, other.comm) == (None, None)
    one.kept = 3
    one.page.send(type="open_beside")
    second = one.beside
    one.page.send(type="open_beside")
    assert one.beside is second
    second.close()
    assert one.beside is None
    one.page.send(type="open_beside")
    third = one.beside
    one.close()
    assert third.comm is None


def test_a_page_that_comes_is_told_of_the_other_lab(pair):
    one, other = pair
    assert one.page.ask(type="ready")["beside"] == {
        "type": "beside",
        "model": other.model_id,
        "is_second": False,
        "picture": True,
        "k": True,
    }
    assert one.get_state()["beside"] == other.model_id


def test_what_cannot_stand_beside_a_lab_is_refused_and_changes_nothing(lab):
    one, closed, large = lab(), lab(), lab(size=128)
    closed.close()
    with pytest.raises(ValueError, match="beside itself"):
        one.beside = one
    with pytest.raises(ValueError, match="this lab is closed"):
        one.beside = closed
    with pytest.raises(ValueError, match="this lab is closed"):
        closed.beside = one
    with pytest.raises(TypeError, match="beside='haar' must be a SparsityLab"):
        one.beside = "haar"
    with pytest.raises(ValueError, match="128 pixels a side, those of this lab 64; make it with size=64"):
        one.beside = large
    with pytest.raises(TypeError, match="same_k=1 must be True or False"):
        one.same_k = 1
    assert one.beside is None
    one.beside = lab()
    for left, right in ((one.beside, lab()), (lab(), one.beside), (lab(), one)):
        with pytest.raises(ValueError, match="has another beside it already"):
            left.beside = right
    before = one.beside
    one.page.messages.clear()
    one.set_state({"beside": "haar"})
    assert one.page.errors == ["beside='haar' must be a SparsityLab, such as lab.copy(), or None"]
    assert one.beside is before


def test_a_threshold_beyond_the_largest_coefficient_leaves_the_lowpass(pair):
    one, other = pair
    one.denoising = {"threshold": 1e6}
    other.denoising = {"threshold": 1e6, "kind": "hard"}
    left = one.denoised["representation"]
    assert torch.equal(left, other.denoised["representation"])
    block = 2**one.levels  # in which Haar's lowpass is constant
    constant = left[:, ::block, ::block].repeat_interleave(block, 1).repeat_interleave(block, 2)
    torch.testing.assert_close(left, constant)
    assert float(one.denoised["pixels"].abs().max()) == 0


def test_what_the_second_cannot_follow_is_said_in_its_own_place(pair):
    one, other = pair
    other.representation = OfBrightPictures()
    said = []
    other.send = lambda content, buffers=None: said.append(content)
    one.page.send(type="photograph", name="edge")
    one.show(torch.zeros(3, 64, 64), name="black")
    assert [content["message"] for content in said if content["type"] == "error"] == ["this picture is too dark"]
    assert one.page.errors == []
    assert (one.photograph, other.photograph) == ("black", "edge")
    one.show("camera")
    assert other.photograph == "camera"


def test_two_threads_that_set_both_labs_end(pair):
    threads = [
        threading.Thread(target=lambda lab=lab, k=k: [setattr(lab, "kept", k + i) for i in range(30)])
        for lab, k in zip(pair, (100, 200), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert pair[0].kept == pair[1].kept


def test_two_labs_that_are_closed_leave_nothing():
    def closed():
        one = cx.sparsity_lab("figures", size=32)
        one.beside = one.copy()
        found = weakref.ref(one), weakref.ref(one.beside)
        one.close()
        return found

    found = closed()
    gc.collect()
    assert [one() for one in found] == [None, None]
