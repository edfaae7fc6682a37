package population

import "math/rand/v2"

// surnames in the order of how many bear them, with their share in a thousand.
var surnames = []struct {
	name  string
	share int
}{
	{"王", 72}, {"李", 71}, {"张", 68}, {"刘", 52}, {"陈", 50}, {"杨", 31}, {"黄", 29}, {"赵", 23}, {"吴", 23}, {"周", 21},
	{"徐", 17}, {"孙", 16}, {"马", 14}, {"朱", 14}, {"胡", 14}, {"郭", 13}, {"何", 13}, {"林", 13}, {"罗", 12}, {"高", 11},
	{"郑", 10}, {"梁", 10}, {"谢", 8}, {"宋", 8}, {"唐", 8}, {"许", 7}, {"邓", 7}, {"韩", 7}, {"冯", 7}, {"曹", 7},
	{"彭", 6}, {"曾", 6}, {"肖", 6}, {"田", 5}, {"董", 5}, {"潘", 5}, {"袁", 5}, {"蔡", 5}, {"蒋", 5}, {"余", 5},
	{"于", 5}, {"杜", 4}, {"叶", 4}, {"程", 4}, {"魏", 4}, {"苏", 4}, {"吕", 4}, {"丁", 4}, {"任", 4}, {"卢", 4},
	{"姚", 4}, {"沈", 4}, {"钟", 4}, {"姜", 3}, {"崔", 3}, {"谭", 3}, {"陆", 3}, {"范", 3}, {"汪", 3}, {"廖", 3},
	{"石", 3}, {"金", 3}, {"韦", 3}, {"贾", 3}, {"夏", 3}, {"付", 3}, {"方", 3}, {"邹", 3}, {"熊", 3}, {"白", 3},
	{"孟", 2}, {"秦", 2}, {"邱", 2}, {"侯", 2}, {"江", 2}, {"尹", 2}, {"薛", 2}, {"闫", 2}, {"雷", 2}, {"龙", 2},
	{"黎", 2}, {"史", 2}, {"陶", 2}, {"贺", 2}, {"毛", 2}, {"段", 2}, {"郝", 2}, {"顾", 2}, {"龚", 2}, {"邵", 2},
	{"欧阳", 1}, {"司徒", 1}, {"上官", 1}, {"诸葛", 1},
}

// Characters of given names, of men and of women.
var (
	men   = []rune("伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢佳阳建国志文海云峰亮成荣新东晨博子轩梓睿泽嘉豪天一思远家乐承安正宏立德民永良光义才庆春生根福贵祥兴元启航毅恒坤朗铭晟哲彦昊烨")
	women = []rune("芳娜敏静秀丽艳娟霞燕玲桂英兰红梅莉婷雪慧琳颖洁佳欣怡思雨涵梓萱诗琪美玉珍凤莲云彩香月春华蓉薇菲璐瑶倩悦晨宁妍馨然可心语嘉彤若彬瑾淑惠素贞巧蕾妮晓蕙韵岚青冰清露莹")
)

// estates are invented names of housing estates.
var estates = []string{"荷塘", "梧桐", "凤凰", "翠湖", "锦绣", "阳光", "明月", "金桂", "银杏", "紫荆", "榕树", "云海", "星河", "长青", "百合", "松柏", "丽景", "和风", "清泉", "望江"}

var surnameTotal = func() (n int) {
	for _, s := range surnames {
		n += s.share
	}
	return n
}()

func surname(r *rand.Rand) string {
	n := r.IntN(surnameTotal)
	for _, s := range surnames {
		if n -= s.share; n < 0 {
			return s.name
		}
	}
	return surnames[0].name
}

// given returns a given name of one or two characters.
func given(r *rand.Rand, male bool) string {
	from := women
	if male {
		from = men
	}
	if r.IntN(100) < 18 {
		return string(from[r.IntN(len(from))])
	}
	return string([]rune{from[r.IntN(len(from))], from[r.IntN(len(from))]})
}
