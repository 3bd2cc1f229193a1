# Copyright (c) AULLM-MM contributors.
import cv2
import numpy as np
import pytest

from aullm_mm.datasets.frames import choose_frames, nearest_frame, read_frame


@pytest.fixture
def picture():
    image = np.zeros((12, 16, 3), np.uint8)
    image[..., 2] = 200  # OpenCV's order: red
    return image


@pytest.mark.parametrize('suffix', ['jpg', 'png'])
def test_gray_and_rgb_have_their_shapes_and_red_comes_first(tmp_path, picture, suffix):
    path = tmp_path / f'img1.{suffix}'
    cv2.imwrite(str(path), picture)
    assert read_frame(path).shape == (12, 16)
    rgb = read_frame(path, 'rgb')
    assert rgb.shape == (12, 16, 3)
    assert rgb[..., 0].mean() > 150 and rgb[..., 2].mean() < 50


def test_missing_frame_is_named_with_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'img7\.jpg is missing: .*unpack'):
        read_frame(tmp_path / 'img7.jpg')


def test_empty_frame_is_named(tmp_path):
    (tmp_path / 'img7.jpg').touch()
    with pytest.raises(ValueError, match=r'img7\.jpg is empty \(0 bytes\): unpack'):
        read_frame(tmp_path / 'img7.jpg')


@pytest.mark.parametrize('suffix', ['jpg', 'png'])
def test_truncated_frame_is_refused_and_not_filled_with_gray(
        tmp_path, picture, suffix):
    noise = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    whole = cv2.imencode(f'.{suffix}', noise)[1].tobytes()
    path = tmp_path / f'img7.{suffix}'
    path.write_bytes(whole[:len(whole) * 3 // 4])
    with pytest.raises(ValueError, match=rf'img7\.{suffix} is truncated \(\d+ bytes'):
        read_frame(path)


def test_file_that_is_no_image_is_named_with_what_to_do(tmp_path):
    path = tmp_path / 'img7.jpg'
    path.write_text('not found: error 404')
    with pytest.raises(ValueError, match=r'img7\.jpg is no image .*unpack'):
        read_frame(path)


def test_nearest_frame_stands_in_within_the_clip_only(tmp_path):
    for number in (4, 9, 30):
        (tmp_path / f'img{number}.jpg').write_bytes(b'x')

    def find(number, first, last):
        return nearest_frame(tmp_path, 'img{}.jpg', number, first, last).name

    assert find(9, 1, 20) == 'img9.jpg'
    assert find(8, 1, 20) == 'img9.jpg'
    assert find(5, 5, 20) == 'img9.jpg'  # 4 is nearer, but before the onset
    with pytest.raises(FileNotFoundError, match=r'img20\.jpg is missing, and so are'):
        find(20, 1, 40)


@pytest.mark.parametrize('apex', [10, 11, 17, 48, 49])
def test_chosen_frames_hold_onset_apex_and_offset(apex):
    numbers = choose_frames(10, apex, 49, max_frames=8)
    assert len(numbers) == 8 and (np.diff(numbers) > 0).all()
    assert {10, apex, 49} <= set(numbers.tolist())


def test_short_clip_is_taken_whole():
    assert choose_frames(3, 4, 6, max_frames=16).tolist() == [3, 4, 5, 6]
