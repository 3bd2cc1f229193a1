# Copyright (c) AULLM-MM contributors.
"""Videos made of pictures: folders, pairs, lists and arrays."""
import cv2
import numpy as np
import pytest

from aullm_mm.video import open_video


def save(path, value: int, size=(24, 32)):
    path.parent.mkdir(exist_ok=True)
    assert cv2.imwrite(str(path), np.full((*size, 3), value, np.uint8))
    return path


def test_folder_is_read_in_natural_order_whatever_the_formats(tmp_path):
    for name, value in (('img10.png', 30), ('img2.bmp', 20), ('img1.jpg', 10),
                        ('._img3.png', 99)):
        save(tmp_path / 'clip' / name, value)
    (tmp_path / 'clip' / 'notes.txt').write_text('no picture')
    video = open_video(tmp_path / 'clip', fps=50)
    frames = list(video)
    assert (video.kind, video.name, video.size) == ('frames', 'clip', (24, 32))
    assert [round(frame.image.mean()) for frame in frames] == [10, 20, 30]
    assert [frame.seconds for frame in frames] == [0, 0.02, 0.04]
    assert video.notes == () and video.path == tmp_path / 'clip'
    assert [frame.index for frame in video.iter_from(1)] == [1, 2]


def test_rate_that_was_assumed_is_told(tmp_path):
    save(tmp_path / 'clip' / '1.png', 1)
    video = open_video(tmp_path / 'clip')
    assert video.fps == 200 and '200 frames a second were assumed' in video.notes[0]


def test_two_pictures_are_an_onset_and_an_apex(tmp_path):
    files = [save(tmp_path / name, 9) for name in ('onset.png', 'apex.jpg')]
    video = open_video(tuple(files))
    assert (video.kind, video.expected_frames) == ('pair', 2)
    assert video.name == 'onset.png + apex.jpg' and video.notes == ()
    assert open_video([cv2.imread(str(file)) for file in files]).kind == 'pair'
    files.append(save(tmp_path / 'offset.png', 9))
    assert open_video(files, fps=100).kind == 'frames'


def test_arrays_are_gray_or_colour(tmp_path):
    gray = np.arange(3 * 8 * 9, dtype=np.uint8).reshape(3, 8, 9)
    colour = np.stack([gray] * 3, axis=-1)
    for array in (gray, colour, list(gray), gray[..., None]):
        images = [frame.image for frame in open_video(array, fps=30)]
        assert (np.stack(images) == colour).all()


@pytest.mark.parametrize('source, message', [
    (np.zeros((0, 8, 9), np.uint8), 'no frame'),
    ([], 'no frame'),
    (np.zeros((3, 8, 9), np.float32), 'uint8'),
    (np.zeros((8, 9, 3), np.uint8), r'\(T, H, W\)'),
    (np.zeros((2, 8, 9, 4), np.uint8), r'\(8, 9, 4\)'),
    (['a.png', np.zeros((4, 4), np.uint8)], 'files only'),
    (['a.mp4', 'b.mp4'], 'one by one'),
])
def test_what_is_no_clip_is_refused(source, message):
    with pytest.raises(ValueError, match=message):
        open_video(source)


def test_other_types_are_refused():
    with pytest.raises(TypeError, match='int'):
        open_video(3)


def test_folder_without_pictures_says_what_is_there(tmp_path):
    with pytest.raises(ValueError, match='nothing in it ends in .jpg'):
        open_video(tmp_path)
    save(tmp_path / 'clip' / '1.png', 1)
    with pytest.raises(ValueError, match='it holds 1 folders'):
        open_video(tmp_path)


def test_single_picture_is_no_video(tmp_path):
    with pytest.raises(ValueError, match='onset and the apex'):
        open_video(save(tmp_path / 'one.png', 1))


def test_pictures_of_unequal_size_are_named(tmp_path):
    save(tmp_path / 'clip' / '1.png', 1)
    save(tmp_path / 'clip' / '2.png', 1, size=(24, 33))
    with pytest.raises(ValueError, match=r'frame 1 of clip \(2.png\) is 33x24.*32x24'):
        list(open_video(tmp_path / 'clip'))


@pytest.mark.parametrize('damage, message', [
    (lambda data: b'', 'no picture'), (lambda data: b'abc' * 30, 'no picture'),
    (lambda data: data[:len(data) // 2], 'truncated')])
def test_picture_that_is_broken_is_named(tmp_path, damage, message, capfd):
    for number in range(3):
        path = save(tmp_path / 'clip' / f'{number}.jpg', 1)
    path = tmp_path / 'clip' / '1.jpg'
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=f'frame 1 of clip: .*1.jpg.*{message}'):
        list(open_video(tmp_path / 'clip'))
    assert capfd.readouterr().err == ''


def test_picture_that_is_gone_is_named(tmp_path):
    for number in range(2):
        save(tmp_path / 'clip' / f'{number}.jpg', 1)
    video = open_video(tmp_path / 'clip')
    (tmp_path / 'clip' / '1.jpg').unlink()
    with pytest.raises(FileNotFoundError, match='frame 1 of clip'):
        list(video)
